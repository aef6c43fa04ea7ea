package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// caller is what a client of the proxy must give as its token. The fake does not know it.
const caller = "token-of-the-caller"

// startProxy serves a proxy of the fake below /api.
func startProxy(srv *cozetest.Server) (baseURL string, stop func() error, err error) {
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		return "", nil, err
	}
	proxy, err := coze.NewProxy(client, coze.ProxyConfig{
		Allow: []coze.ProxyRoute{coze.ProxyChat, coze.ProxyConversations, coze.ProxyWorkflows, coze.ProxyFiles, "RetrieveBot"},
		Authorize: func(r *http.Request) error {
			if r.Header.Get("Authorization") != "Bearer "+caller {
				return errors.New("another token")
			}
			return nil
		},
		MaxBody: 10_000, MaxUpload: 100_000,
	})
	if err != nil {
		return "", nil, err
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	web := &http.Server{Handler: http.StripPrefix("/api", proxy), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(ln) }()
	return "http://" + ln.Addr().String() + "/api", web.Close, nil
}
