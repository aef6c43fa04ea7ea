package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// service is the program at work.
type service struct {
	flags    *flags
	platform *platform
	web      *http.Server
	url      string
	ended    chan error
	recorder *recording.Handler // nil without -record
}

func start(ctx context.Context, f *flags, stderr io.Writer) (*service, error) {
	s := &service{flags: f, ended: make(chan error, 1)}
	bots := &script{}
	if f.script != "" {
		var err error
		if bots, err = readScript(f.script); err != nil {
			return nil, err
		}
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	var err error
	if s.platform, err = newPlatform(f.options(logger), bots); err != nil {
		return nil, err
	}
	served, err := s.recorded()
	if err != nil {
		return nil, errors.Join(err, s.platform.server().Close())
	}
	listener, err := s.listen(ctx)
	if err != nil {
		return nil, errors.Join(err, s.platform.server().Close())
	}
	mux := http.NewServeMux()
	newControl(s.platform).register(mux)
	s.web = &http.Server{ //nolint:gosec // a test server waits for slow clients
		Handler: split{control: mux, platform: served}, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	go func() { s.ended <- s.web.Serve(listener) }()
	return s, nil
}

func (f *flags) options(logger *slog.Logger) []cozetest.Option {
	opts := []cozetest.Option{
		cozetest.WithSeed(f.seed), cozetest.WithDeltaPause(f.deltaPause), cozetest.WithLogger(logger), cozetest.AllowNullFields(),
		cozetest.WithRateLimit(f.rate, f.burst),
	}
	if f.token != "" {
		opts = append(opts, cozetest.WithToken(f.token))
	}
	return opts
}

func (s *service) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.flags.addr)
	if err != nil || !s.flags.tls {
		if err == nil {
			s.url = "http://" + l.Addr().String()
		}
		return l, err
	}
	s.url = "https://" + l.Addr().String()
	cert, text, err := selfSigned(l.Addr())
	if err == nil && s.flags.certOut != "" {
		err = os.WriteFile(s.flags.certOut, text, 0o644) //nolint:gosec // a certificate is public
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}), nil
}

// close ends all chats and connections.
func (s *service) close() error {
	err := errors.Join(s.platform.server().Close(), s.web.Close())
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return errors.Join(err, s.endRecording())
}

// greet prints how to reach the server.
func (s *service) greet(w io.Writer) {
	trust := ""
	switch {
	case s.flags.certOut != "":
		trust = " --cacert " + s.flags.certOut
	case s.flags.tls:
		trust = " -k"
	}
	token := s.platform.server().Token()
	_, _ = fmt.Fprintf(w, `url:   %s
token: %s
try:
curl -N%s %s/v3/chat -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '{"bot_id":"%s","user_id":"me",`+
		`"stream":true,"additional_messages":[{"role":"user","content":"Hello, who are you?","content_type":"text"}]}'
status page: %s%s
`, s.url, token, trust, s.url, token, cozetest.DefaultBotID, s.url, controlPath)
}
