package voice

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// traffic counts what a session sent and received.
type traffic struct {
	since                                  time.Time
	connections                            atomic.Int64
	eventsIn, bytesIn, eventsOut, bytesOut atomic.Int64
}

func (t *traffic) in(bytes int) {
	t.eventsIn.Add(1)
	t.bytesIn.Add(int64(bytes))
}

func (t *traffic) out(bytes int) {
	t.eventsOut.Add(1)
	t.bytesOut.Add(int64(bytes))
}

// The lines of a session in the log of the client.
const (
	logOpen   = "coze session open"
	logClosed = "coze session closed"
	logFailed = "coze session failed" // the connection was not made
)

// logEnd says that the session is over, and how.
func (s *Session) logEnd() {
	level := slog.LevelDebug
	err := s.Err()
	if err != nil {
		level = slog.LevelWarn
	}
	s.log(level, logClosed, err)
}

// log writes a line about the session; never with payloads, queries or the token.
func (s *Session) log(level slog.Level, line string, err error) {
	logger := s.dialer.access.Logger
	ctx := context.WithoutCancel(s.life)
	if logger == nil || !logger.Enabled(ctx, level) {
		return
	}
	status := http.StatusSwitchingProtocols
	if line == logFailed {
		var refused *coze.Error
		status = 0
		if errors.As(err, &refused) {
			status = refused.HTTPStatus
		}
	}
	attrs := []slog.Attr{
		slog.String("op", s.dialer.socket.op.ID), slog.String("host", s.dialer.url.Host), slog.String("path", s.dialer.url.Path),
		slog.Int("status", status), slog.String("logid", s.LogID()), slog.Int64("duration_ms", time.Since(s.traffic.since).Milliseconds()),
	}
	if line == logClosed {
		t := &s.traffic
		attrs = append(attrs,
			slog.Int64("connections", t.connections.Load()),
			slog.Int64("events_in", t.eventsIn.Load()), slog.Int64("bytes_in", t.bytesIn.Load()),
			slog.Int64("events_out", t.eventsOut.Load()), slog.Int64("bytes_out", t.bytesOut.Load()))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", s.dialer.redact(err.Error())))
	}
	logger.LogAttrs(ctx, level, line, attrs...)
}
