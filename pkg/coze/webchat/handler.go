package webchat

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat/widget"
)

// Config says what a [Handler] serves.
type Config struct {
	ProxyConfig

	Page Page

	// Script is JavaScript that defines the element coze-chat, in place of the widget of this module. Optional.
	Script []byte

	// Tokens, unless nil, also serves POST token; see [TokenHandler]. Its Visitor, Bots, Origins and ClientIP, where they are
	// not set, are those of the ProxyConfig.
	Tokens *TokenConfig
}

var startOfTime time.Time // stands for no Last-Modified

// Handler returns a handler for all that a chat on a page needs, to be mounted with [http.StripPrefix] below a path that ends
// in a slash:
//
//	GET  /              a page with the widget, under a strict Content-Security-Policy
//	GET  /coze-chat.js  the script of the widget, for pages of your own; it finds api/ beside itself
//	GET  /coze-chat.mjs the same as a module
//	POST /token         tokens of visitors, if they are configured
//	     /api/          the calls of the widget; see [NewProxy]
func Handler(client *coze.Client, cfg Config) (http.Handler, error) {
	h, err := newHandler(client, cfg)
	if err != nil {
		return nil, fmt.Errorf("webchat: Handler: %w", err)
	}
	return h, nil
}

func newHandler(client *coze.Client, cfg Config) (http.Handler, error) {
	api, err := newVisitorProxy(client, cfg.ProxyConfig)
	if err != nil {
		return nil, err
	}
	more := ""
	if len(cfg.Script) == 0 {
		cfg.Script, more = widget.Script(), ownTypes
	}
	page, err := newPage(cfg, more)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.HandleFunc("GET /coze-chat.js", serveFile("text/javascript; charset=utf-8", cfg.Script))
	mux.HandleFunc("GET /coze-chat.mjs", serveFile("text/javascript; charset=utf-8", widget.Module()))
	mux.HandleFunc("GET /page.css", serveFile("text/css; charset=utf-8", pageStyle))
	if cfg.Tokens != nil {
		tokens, err := newTokenHandler(client, cfg.tokens())
		if err != nil {
			return nil, err
		}
		mux.Handle("/token", tokens)
	}
	// Not by the mux, which would answer some paths with a redirect.
	below := http.StripPrefix("/api", api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), "/api/") {
			below.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func (c Config) tokens() TokenConfig {
	t := *c.Tokens
	if t.Visitor == nil {
		t.Visitor = c.Visitor
	}
	if t.Bots == nil {
		t.Bots = c.Bots
	}
	if t.Origins == nil {
		t.Origins = c.Origins
	}
	if t.ClientIP == nil {
		t.ClientIP = c.ClientIP
	}
	return t
}

// newPage serves the page, and lets the visitor be known before the first call. More is added to its policy.
func newPage(cfg Config, more string) (http.Handler, error) {
	own := map[string]string{}
	switch {
	case len(cfg.Bots) > 0:
		own["bot-id"] = cfg.Bots[0]
	default:
		own["app-id"] = cfg.Apps[0]
		if len(cfg.Workflows) > 0 {
			own["workflow-id"] = cfg.Workflows[0]
		}
	}
	body, err := cfg.Page.render(own, versionOf(cfg.Script))
	if err != nil {
		return nil, err
	}
	policy, err := cfg.Page.policy()
	if err != nil {
		return nil, err
	}
	policy += more
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if _, err := cfg.Visitor.identify(w, r); err != nil {
			gate.Write(w, gate.Visible(err))
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		_, _ = w.Write(body)
	}), nil
}
