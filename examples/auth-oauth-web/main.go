// Command auth-oauth-web is a web server that logs its users in to Coze, by authorization code and client secret.
//
//	go run ./examples/auth-oauth-web
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, plays the user, and ends. With it, the
// coze_oauth_config.json of a web app, it serves at COZE_REDIRECT_URL, which must be registered with the app and end in
// /callback, such as http://127.0.0.1:8080/callback, until you press Ctrl-C.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/consent"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/oauth"
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
	o, err := connect.OpenOAuth[coze.OAuthWebApp](cozetest.OAuthApp{Kind: cozetest.OAuthWeb, RedirectURLs: []string{redirectURL}})
	if err != nil {
		return err
	}
	defer o.Close()
	o.App.RedirectURL = redirectURL
	flow, err := coze.NewOAuthWeb(o.Client, o.App)
	if err != nil {
		return err
	}
	site := &site{client: o.Client, flow: flow}
	handler, err := site.handler()
	if err != nil {
		return err
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer func() { _ = web.Close() }()
	go func() { _ = web.Serve(ln) }()
	home := strings.TrimSuffix(redirectURL, "/callback")
	if o.Server == nil {
		fmt.Println("open", home+"/login")
		<-ctx.Done()
		return nil
	}
	browser := consent.NewBrowser()
	page, err := browser.Allow(ctx, home+"/login")
	if err != nil {
		return err
	}
	fmt.Print(page)
	o.Server.Advance(time.Hour) // the access token expires; the next call is refused, renews it, and is sent again
	page, err = browser.Open(ctx, home+"/me")
	fmt.Print("an hour later: ", page)
	return err
}

// site is the server. It keeps the tokens of its users in memory; one of your own has a [coze.TokenStore] for each.
type site struct {
	client *coze.Client
	flow   *coze.OAuthWeb
	users  sync.Map // id of the session -> *coze.Client
}

func (s *site) handler() (http.Handler, error) {
	login, err := oauth.NewWebLogin(s.flow, oauth.Settings{ReturnTo: []string{"/me"}, OnLogin: s.login})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /login", login.Start())
	mux.Handle("GET /callback", login.Callback())
	mux.HandleFunc("GET /me", s.me)
	return mux, nil
}

// login begins a session of a user who has logged in.
func (s *site) login(w http.ResponseWriter, r *http.Request, tokens coze.TokenPair) error {
	source := s.flow.TokenSource(nil)
	if err := source.Login(r.Context(), tokens); err != nil {
		return err
	}
	client, err := s.client.As(source)
	if err != nil {
		return err
	}
	session := rand.Text()
	s.users.Store(session, client)
	http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

// me is a page for users who are logged in: it calls Coze on their behalf.
func (s *site) me(w http.ResponseWriter, r *http.Request) {
	var client any
	if cookie, err := r.Cookie("session"); err == nil {
		client, _ = s.users.Load(cookie.Value)
	}
	if client == nil {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	user, err := client.(*coze.Client).Users.Me(r.Context())
	if err != nil {
		http.Error(w, "Coze does not answer", http.StatusBadGateway)
		return
	}
	_, _ = fmt.Fprintf(w, "you are %s, user %s\n", user.UserName, user.UserID)
}
