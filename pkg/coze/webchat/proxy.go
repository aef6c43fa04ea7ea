package webchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// The limits of a [ProxyConfig] that are not set.
const (
	DefaultMaxBody   = 256 << 10 // bytes of a request
	DefaultMaxUpload = 20 << 20  // bytes of an upload
)

// Rate is how often something may be done. The zero value stands for a default; a negative PerSecond for no limit.
type Rate struct {
	PerSecond float64
	Burst     int // at once
}

func (r Rate) limits(byDefault Rate) *gate.Limits {
	switch {
	case r == Rate{}:
		r = byDefault
	case r.PerSecond < 0:
		return nil
	}
	return gate.NewLimits(r.PerSecond, max(r.Burst, 1))
}

// ProxyConfig says what visitors may talk to.
type ProxyConfig struct {
	Bots      []string    // ids of the bots; one of Bots and Apps is required
	Apps      []string    // ids of the apps
	Workflows []string    // ids of their chatflows
	Visitor   VisitorFunc // who sends a request. Required

	// Inject gives what is sent with each chat of a visitor besides what the visitor says. Optional.
	Inject func(ctx context.Context, visitor string) (Injection, error)
	// PageVariables names the custom_variables and parameters that pages may send themselves; others of them are dropped. What
	// Inject gives goes first. Visitors can send any value for them.
	PageVariables []string

	Origins     []string // pages of other origins that may call, such as https://shop.example; those of the own host need no entry
	MaxBody     int64    // bytes of a request; default 256 KiB
	MaxUpload   int64    // bytes of an upload; default 20 MiB
	UploadTypes []string // extensions of the files that visitors may upload, such as png; default [DefaultUploadTypes]
	Owners      Owners   // default: in memory

	VisitorRate Rate // of all calls of a visitor; default 5 a second, 40 at once. 50 conversations that a list looks at count as one
	ChatRate    Rate // of chats, speech and uploads of a visitor; default 1 in 2 seconds, 10 at once
	IPRate      Rate // of all calls of an address; default 50 a second, 200 at once

	// ClientIP says where a request comes from, for servers behind a proxy; by default the address of the connection.
	ClientIP func(*http.Request) string
}

// Injection is what a server adds to the chats of a visitor. It replaces what the page sends under the same names.
type Injection struct {
	Variables  map[string]string // custom_variables: for the variables in the prompt of a bot
	Parameters map[string]any    // parameters: for the start node of a chatflow
}

var (
	defaultVisitorRate = Rate{5, 40}
	defaultChatRate    = Rate{0.5, 10}
	defaultIPRate      = Rate{50, 200}
)

// NewProxy returns a handler for the calls of chat widgets, this module's and the vendor's: conversations, messages, chats,
// uploads, voice and feedback, and nothing else. They go to the platform under the token of client.
//
//   - Conversations, messages, chats and files are those of the visitor. Of others a visitor can neither read, change nor delete
//     anything, nor find out that it exists: HTTP 404 and code 4200.
//   - user_id is the visitor's, whatever the page sends. Bots, apps and chatflows are those of the configuration, in their
//     published version.
//   - Bodies and queries are made anew of the fields that pages need; drafts, tools and overrides of models do not pass.
//
// Whose a conversation is, is written into its meta_data when it is made; a chat without a conversation gets one first. Listing
// the conversations of a visitor reads the newest 1000 of the bot.
func NewProxy(client *coze.Client, cfg ProxyConfig) (http.Handler, error) {
	p, err := newVisitorProxy(client, cfg)
	if err != nil {
		return nil, fmt.Errorf("webchat: NewProxy: %w", err)
	}
	return p, nil
}

type visitorProxy struct {
	cfg                  ProxyConfig
	client               *coze.Client
	ownership            ownership
	origins              *gate.Origins
	visitors, chats, ips *gate.Limits
	proxy                http.Handler
}

func newVisitorProxy(client *coze.Client, cfg ProxyConfig) (*visitorProxy, error) {
	switch {
	case client == nil:
		return nil, errors.New("the client is nil")
	case cfg.Visitor == nil:
		return nil, errNoVisitor
	case len(cfg.Bots) == 0 && len(cfg.Apps) == 0:
		return nil, errors.New("there are neither Bots nor Apps to talk to")
	}
	for _, id := range slices.Concat(cfg.Bots, cfg.Apps, cfg.Workflows) {
		if !isID(id) {
			return nil, fmt.Errorf("%q is no id of a bot, an app or a chatflow", id)
		}
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = DefaultMaxUpload
	}
	if cfg.UploadTypes == nil {
		cfg.UploadTypes = DefaultUploadTypes()
	}
	if cfg.Owners == nil {
		cfg.Owners = NewMemoryOwners(DefaultOwners)
	}
	if cfg.ClientIP == nil {
		cfg.ClientIP = gate.RemoteIP
	}
	p := &visitorProxy{
		cfg: cfg, client: client, ownership: ownership{client, cfg.Owners}, visitors: cfg.VisitorRate.limits(defaultVisitorRate),
		chats: cfg.ChatRate.limits(defaultChatRate), ips: cfg.IPRate.limits(defaultIPRate),
	}
	var err error
	if p.origins, err = gate.NewOrigins(cfg.Origins); err != nil {
		return nil, err
	}
	p.proxy, err = coze.NewProxy(client, coze.ProxyConfig{
		Allow: []coze.ProxyRoute{coze.ProxyWidget}, Authorize: knownVisitor, Origins: cfg.Origins,
		MaxBody: cfg.MaxBody, MaxUpload: cfg.MaxUpload, Prepare: p.prepare, Answer: p.answer,
	})
	return p, err
}

// knownVisitor lets only requests through that ServeHTTP has looked at.
func knownVisitor(r *http.Request) error {
	if v := visitOf(r.Context()); v == nil || v.visitor == "" {
		return errStranger
	}
	return nil
}

// ServeHTTP answers a request of a visitor.
func (p *visitorProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		p.proxy.ServeHTTP(w, r) // a preflight, which has no cookies
		return
	}
	if !allow(p.ips, p.cfg.ClientIP(r)) {
		p.refuse(w, errTooMany)
		return
	}
	// Before anything happens for a visitor, and a cookie is set, the page must be one that may call.
	if _, err := p.origins.Admit(discarded{http.Header{}}, r); err != nil {
		p.proxy.ServeHTTP(w, r)
		return
	}
	visitor, err := p.cfg.Visitor.identify(w, r)
	if err == nil && !allow(p.visitors, visitor) {
		err = errTooMany
	}
	if err != nil {
		_, _ = p.origins.Admit(w, r) // so that the page can read the refusal
		p.refuse(w, err)
		return
	}
	ctx := context.WithValue(r.Context(), visitKey{}, &visit{visitor: visitor})
	p.proxy.ServeHTTP(w, r.WithContext(ctx))
}

func (p *visitorProxy) refuse(w http.ResponseWriter, err error) {
	gate.Harden(w.Header())
	gate.Write(w, gate.Visible(err))
}

// discarded is a ResponseWriter for headers that nobody needs.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}

func allow(l *gate.Limits, key string) bool { return l == nil || l.Allow(key) }

// answer looks at what comes back.
func (p *visitorProxy) answer(call *coze.ProxyCall, rsp *http.Response) error {
	ctx := call.Request.Context()
	v := visitOf(ctx)
	switch {
	case rsp.StatusCode != http.StatusOK:
		return nil
	case call.Operation == opListConversations:
		return p.answerList(ctx, v, rsp)
	case isEventStream(rsp):
		if v.learn != nil {
			rsp.Body = &watcher{ReadCloser: rsp.Body, found: func(a answer) error { return v.learn(ctx, a) }}
		}
		return nil
	case v.learn == nil && !isConversation(call.Operation):
		return nil
	}
	raw, err := readJSON(rsp)
	var e envelope[answer]
	if err != nil || json.Unmarshal(raw, &e) != nil || e.Code != 0 {
		return err
	}
	if v.learn != nil {
		err = v.learn(ctx, e.Data)
	}
	if err == nil && isConversation(call.Operation) {
		answerConversation(v.visitor, rsp, raw)
	}
	return err
}
