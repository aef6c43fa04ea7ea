// Command contract-check finds out whether a server still answers as the document of this SDK says: fields that the document does not
// have, times in another unit, text for numbers. Calls go on as they would; the drifts go to a log, from which `make drift-patch` makes a
// change of api/openapi.yaml (docs/drift.md).
//
//	go run ./examples/contract-check
//
// Without a token it talks to a fake Coze server inside the program, whose answers a transport changes, as a platform of next year
// might. With COZE_API_TOKEN it looks at the answers of the platform (COZE_API_BASE, default https://api.coze.cn) about the bot
// COZE_BOT_ID, and changes nothing. Then no drift at all is the best news.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	botID, err := connect.Bot()
	if err != nil {
		return err
	}
	// The log of a service is a file that is opened to append. Here it is read again at the end. CheckSample(0, 1) looks at all
	// answers; the default is the first ten of each operation and one in a hundred after them.
	var log bytes.Buffer
	opts := []coze.ClientOption{coze.WithContractCheck(coze.DriftLog(&log), coze.CheckSample(0, 1))}
	pretending := os.Getenv(coze.EnvToken) == ""
	if pretending {
		opts = append(opts, coze.WithHTTPClient(&http.Client{Transport: nextYear{http.DefaultTransport}}))
	}
	client, closeServer, err := connect.Open(opts...)
	if err != nil {
		return err
	}
	defer closeServer()

	for range 2 { // what the second answer shows is known already: a drift is told once a day
		bot, err := client.Bots.Get(ctx, botID, coze.RetrieveBotRequest{})
		if err != nil {
			return err
		}
		fmt.Printf("read bot %s (%s)\n", bot.BotID, bot.Name) // the drifts do no harm
	}
	found, err := show(&log)
	if err != nil {
		return err
	}
	fmt.Printf("%d drifts\n", found)
	if found > 0 {
		fmt.Println("next: make drift-patch LOG=drift.jsonl, and go through the patch")
	}
	if pretending && found != 3 {
		return errors.New("the transport makes 3")
	}
	return nil
}

// show prints the drifts of a log and returns how many there are. They hold names, kinds and sizes, and no content.
func show(log io.Reader) (found int, err error) {
	lines := json.NewDecoder(log)
	for ; lines.More(); found++ {
		var d coze.Drift
		if err := lines.Decode(&d); err != nil {
			return found, err
		}
		fmt.Printf("%-14s %s %s: the document says %s, the server sent %s\n", d.Rule, d.Operation, d.Pointer, d.Want, d.Got)
	}
	return found, nil
}

// nextYear answers about bots as no server does today: with a field more, milliseconds for seconds, and a number for an id.
type nextYear struct{ http.RoundTripper }

func (t nextYear) RoundTrip(r *http.Request) (*http.Response, error) {
	rsp, err := t.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/v1/bots/") {
		return rsp, err
	}
	defer rsp.Body.Close()
	var answer struct {
		Code   int            `json:"code"`
		Msg    string         `json:"msg"`
		Data   map[string]any `json:"data"`
		Detail any            `json:"detail"`
	}
	numbers := json.NewDecoder(rsp.Body)
	numbers.UseNumber()
	if err := numbers.Decode(&answer); err != nil {
		return nil, err
	}
	answer.Data["mood"] = "cheerful"
	answer.Data["update_time"] = json.RawMessage(fmt.Sprint(answer.Data["update_time"], "000"))
	answer.Data["owner_user_id"] = 7
	body, err := json.Marshal(answer)
	rsp.Body, rsp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	rsp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return rsp, err
}
