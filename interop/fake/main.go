// Command fake serves the fake Coze platform to the vendor's Node SDK, with what the tests of interop/ need: bots that ask for tools
// or take their time, workflows that ask something or fail, and an OAuth app of each kind.
//
// It prints one line of JSON with its address, its token and the ids, and serves until its standard input ends. Then it prints
// another line: how many requests it got, and where they broke the contract or strayed from the documentation.
package main

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// Ids of what the fake has beside its defaults.
const (
	toolBot   = "7411000000000000001"
	slowBot   = "7411000000000000002"
	failBot   = "7411000000000000003"
	draftBot  = "7411000000000000004"
	askFlow   = "7411000000000000011"
	storyFlow = "7411000000000000012"
	failFlow  = "7411000000000000013"
	chatFlow  = "7411000000000000014"

	redirectURL  = "http://127.0.0.1:1/callback"
	clientSecret = "secret-of-the-interop-web-app"
	keyID        = "interop-key"
)

// greeting is the first line.
type greeting struct {
	URL          string            `json:"url"`
	ProxyURL     string            `json:"proxyUrl"` // of a coze.NewProxy before it
	Caller       string            `json:"caller"`   // the token that the proxy asks for
	Token        string            `json:"token"`
	UserID       string            `json:"userId"`
	WorkspaceID  string            `json:"workspaceId"`
	TemplateID   string            `json:"templateId"`
	VoiceID      string            `json:"voiceId"`
	Transcript   string            `json:"transcript"`
	Bots         map[string]string `json:"bots"`
	Workflows    map[string]string `json:"workflows"`
	Apps         map[string]string `json:"apps"` // client ids
	RedirectURL  string            `json:"redirectUrl"`
	ClientSecret string            `json:"clientSecret"`
	KeyID        string            `json:"keyId"`
}

// report is the last line.
type report struct {
	Calls      int                  `json:"calls"`
	Operations map[string]int       `json:"operations"` // requests, by operationId
	Violations []string             `json:"violations"`
	Deviations []cozetest.Deviation `json:"deviations"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "interop/fake:", err)
		os.Exit(1)
	}
}

// run serves until stdin ends.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("fake", flag.ContinueOnError)
	keyFile := flags.String("public-key", "", "PEM file with the public key of the apps that sign JWTs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*keyFile)
	if err != nil {
		return err
	}
	key, err := cozetest.ParsePublicKey(text)
	if err != nil {
		return err
	}
	srv, err := cozetest.Start("127.0.0.1:0", cozetest.WithDeltaPause(time.Millisecond))
	if err != nil {
		return err
	}
	addBots(srv)
	addWorkflows(srv)
	apps := addApps(srv, key)
	bots := map[string]string{
		"echo": cozetest.DefaultBotID, "tool": toolBot, "slow": slowBot, "fail": failBot, "draft": draftBot,
	}
	workflows := map[string]string{
		"echo": cozetest.DefaultWorkflowID, "ask": askFlow, "story": storyFlow, "fail": failFlow, "chat": chatFlow,
	}
	proxyURL, closeProxy, err := startProxy(srv)
	if err != nil {
		return errors.Join(err, srv.Close())
	}
	lines := json.NewEncoder(stdout)
	err = lines.Encode(greeting{
		URL: srv.URL(), ProxyURL: proxyURL, Caller: caller, Token: srv.Token(),
		UserID: cozetest.DefaultUserID, WorkspaceID: cozetest.DefaultWorkspaceID,
		TemplateID: cozetest.DefaultTemplateID, VoiceID: cozetest.DefaultVoiceID, Transcript: cozetest.DefaultTranscript,
		Bots: bots, Workflows: workflows, Apps: apps, RedirectURL: redirectURL, ClientSecret: clientSecret, KeyID: keyID,
	})
	if err == nil {
		_, err = io.Copy(io.Discard, stdin)
	}
	return errors.Join(err, closeProxy(), srv.Close(), lines.Encode(reportOf(srv)))
}

func addBots(srv *cozetest.Server) {
	srv.Bot(toolBot, func(t *cozetest.Turn) error {
		weather := t.UseTool("get_weather", map[string]string{"city": "Paris"})
		t.Say("The weather in Paris: " + weather)
		return nil
	})
	srv.Bot(slowBot, func(t *cozetest.Turn) error {
		t.Say("One moment.")
		t.Pause(time.Minute)
		t.Say("Too late.")
		return nil
	})
	srv.Bot(failBot, func(t *cozetest.Turn) error {
		t.Fail(4028, "no balance is left")
		return nil
	})
	srv.DraftBot(draftBot, cozetest.Echo)
}

func addWorkflows(srv *cozetest.Server) {
	srv.Workflow(askFlow, func(r *cozetest.Run) error {
		r.Message("Hello", "Let me see. ")
		city := r.Interrupt(cozeapi.InterruptTypeQuestion, "Which city?", nil)
		r.Output("The city is " + city)
		return nil
	})
	srv.Workflow(storyFlow, func(r *cozetest.Run) error {
		r.Message("Writer", "Once ", "upon ", "a time.")
		r.Ping()
		r.Output(map[string]any{"title": r.Parameters()["title"]})
		return nil
	})
	srv.Workflow(failFlow, func(r *cozetest.Run) error {
		r.Fail(720702002, "the node Plugin failed")
		return nil
	})
	srv.Chatflow(chatFlow, func(r *cozetest.Run) error {
		r.Message("Answer", "About ", r.Question())
		return nil
	})
}

// addApps registers an OAuth app of each kind and returns their client ids.
func addApps(srv *cozetest.Server, key *rsa.PublicKey) map[string]string {
	ids := map[string]string{}
	for _, kind := range []cozetest.OAuthKind{cozetest.OAuthWeb, cozetest.OAuthPKCE, cozetest.OAuthDevice, cozetest.OAuthJWT} {
		id := "interop-" + string(kind) + ".app.coze"
		ids[string(kind)] = id
		srv.OAuthApp(cozetest.OAuthApp{
			ClientID: id, ClientSecret: clientSecret, Kind: kind, RedirectURLs: []string{redirectURL},
			PublicKeys: map[string]*rsa.PublicKey{keyID: key},
		})
	}
	return ids
}

func reportOf(srv *cozetest.Server) report {
	r := report{Operations: map[string]int{}, Violations: []string{}, Deviations: srv.Deviations()}
	for _, c := range srv.Calls() {
		r.Calls++
		r.Operations[c.Operation]++
	}
	for _, v := range srv.Violations() {
		r.Violations = append(r.Violations, v.String())
	}
	return r
}
