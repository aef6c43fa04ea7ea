package coze

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/internal/transport"
)

// Client is the way to a Coze server: each field is a service of the platform, named as its documentation names it. Make
// one with [NewClient] and share it: it is safe for concurrent use and keeps no state of a call.
type Client struct {
	cozeapi.Services

	// Bills exports bills, and waits for the files.
	Bills *BillsService

	// Chat talks to a bot: the generated operations, and streams, waiting, polling and tools on top.
	Chat *ChatService

	// Datasets keeps the knowledge of bots, and waits until the server has read the files.
	Datasets *DatasetsService

	// Resources copies bots, apps and workflows, and waits for the copies.
	Resources *ResourcesService

	// Workflows runs workflows and chatflows: streams, answers to interrupts and waiting on top of the generated operations.
	Workflows *WorkflowsService

	transport *transport.Client
}

// NewClient returns a client. It needs a server ([WithBaseURL], [WithStudio] or [FromEnv]) and, for nearly every call, a
// token ([WithToken], [WithTokenSource] or [FromEnv]). It sends nothing and reads no environment unless [FromEnv] asks for
// it; what is wrong with the options is reported at once.
func NewClient(opts ...ClientOption) (*Client, error) {
	c := config{}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o.applyClient(&c); err != nil {
			return nil, fmt.Errorf("coze: NewClient: %w", err)
		}
	}
	cfg, err := c.transportConfig()
	if err != nil {
		return nil, fmt.Errorf("coze: NewClient: %w", err)
	}
	if err := checkServer(cfg.Tokens, cfg.BaseURL); err != nil {
		return nil, fmt.Errorf("coze: NewClient: %w", err)
	}
	return newClient(transport.New(cfg)), nil
}

func newClient(t *transport.Client) *Client {
	client := &Client{Services: cozeapi.NewServices(t), transport: t}
	base := t.Config().BaseURL.String()
	client.Bills = newBillsService(client.Services.Bills, base)
	client.Chat = &ChatService{ChatService: client.Services.Chat, baseURL: base}
	client.Datasets = newDatasetsService(client.Services.Datasets, base)
	client.Resources = newResourcesService(client.Services.Resources, base)
	client.Workflows = newWorkflowsService(client.Services.Workflows, client.Chat)
	return client
}

// As returns a client that acts with the tokens of source and shares all else with c: server, connections, limits and
// options. It costs little, so that a server may make one for each of its users. A source whose tokens come from another
// server than that of c is refused.
func (c *Client) As(source TokenSource) (*Client, error) {
	if source == nil {
		return nil, errors.New("coze: As: the token source is nil")
	}
	if err := checkServer(source, c.transport.Config().BaseURL); err != nil {
		return nil, fmt.Errorf("coze: As: %w", err)
	}
	return newClient(c.transport.WithTokens(source)), nil
}

// Do calls an endpoint that the document does not know yet. path begins with a slash, without the server and the query.
// body is sent as JSON unless it is nil. out, a pointer or nil, receives the data of the answer, or the whole answer
// where that has no data. Refusals are reported as for every other call. A request of method GET counts as safe to repeat.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, out any, opts ...CallOption) error {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?#") {
		return fmt.Errorf("coze: Do: path %q must begin with a slash and have no query", path)
	}
	op := transport.Op{ID: method + " " + path, Method: method, Retry: transport.RetryNever}
	if method == http.MethodGet {
		op.Retry = transport.RetrySafe
	}
	r := transport.NewRawRequest(&op, path)
	for name, values := range query {
		transport.QueryList(r, name, values, true)
	}
	if body != nil {
		r.JSON(body)
	}
	return c.transport.Do(ctx, r, out, opts)
}

var errNoServer = errors.New("no server: use WithBaseURL(coze.BaseURLCN), WithBaseURL(coze.BaseURLCom), " +
	"WithStudio(\"http://localhost:8888\") for a self-hosted Coze Studio, or FromEnv()")
