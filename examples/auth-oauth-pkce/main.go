// Command auth-oauth-pkce is a program on the user's machine that logs the user in to Coze with a browser: authorization code
// with PKCE, without a client secret. Web servers have the handlers of package oauth for that; see auth-oauth-web.
//
//	go run ./examples/auth-oauth-pkce
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, and plays the user. With it, the
// coze_oauth_config.json of a PKCE app, it prints the address to open, and waits until the browser comes back to
// COZE_REDIRECT_URL, which must be registered with the app, such as http://127.0.0.1:8080/callback.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/consent"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	ln, redirectURL, err := connect.ListenForBrowser(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = ln.Close() }()
	o, err := connect.OpenOAuth[coze.OAuthPKCEApp](cozetest.OAuthApp{Kind: cozetest.OAuthPKCE, RedirectURLs: []string{redirectURL}})
	if err != nil {
		return err
	}
	defer o.Close()
	o.App.RedirectURL = redirectURL
	flow, err := coze.NewOAuthPKCE(o.Client, o.App)
	if err != nil {
		return err
	}

	// The state tells that the browser which comes back is the one that was sent; the verifier, that the program which
	// exchanges the code is the one that asked for it.
	state, verifier := rand.Text(), coze.NewPKCEVerifier()
	page, err := flow.AuthorizeURL(state, verifier)
	if err != nil {
		return err
	}
	answers := make(chan url.Values, 1)
	go answerBrowser(ln, state, answers)
	if o.Server == nil {
		fmt.Println("open", page)
	} else if _, err := consent.NewBrowser().Allow(ctx, page); err != nil {
		return err
	}
	var answer url.Values
	select {
	case answer = <-answers:
	case <-ctx.Done():
		return ctx.Err()
	}
	if refusal := answer.Get("error"); refusal != "" {
		return errors.New("no consent: " + refusal)
	}
	tokens, err := flow.Exchange(ctx, answer.Get("code"), verifier)
	if err != nil {
		return err
	}
	return use(ctx, o, flow, tokens)
}

// answerBrowser takes what the browser brings back.
func answerBrowser(ln net.Listener, state string, answers chan<- url.Values) {
	web := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("state") != state {
			http.Error(w, "this login was not begun here", http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintln(w, "You can close this window.")
		select {
		case answers <- r.URL.Query():
		default: // the browser came twice
		}
	})}
	_ = web.Serve(ln) // until run closes it
}

// use keeps the tokens in a file and calls Coze with them.
func use(ctx context.Context, o connect.OAuth[coze.OAuthPKCEApp], flow *coze.OAuthPKCE, tokens coze.TokenPair) error {
	dir, err := os.MkdirTemp("", "cozekit") // a program of your own: os.UserConfigDir, and the next start needs no login
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := coze.NewFileTokenStore(filepath.Join(dir, "tokens"))
	if err != nil {
		return err
	}
	if err := flow.TokenSource(store).Login(ctx, tokens); err != nil {
		return err
	}

	source := flow.TokenSource(store) // as after a restart: the tokens come from the file
	client, err := o.Client.As(source)
	if err != nil {
		return err
	}
	user, err := client.Users.Me(ctx)
	if err != nil {
		return err
	}
	fmt.Println("logged in as", user.UserName)

	return connect.Renew(ctx, source)
}
