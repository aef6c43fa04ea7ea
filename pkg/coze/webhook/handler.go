package webhook

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/internal/transport"
)

// Handler returns an [http.Handler] for the callback URL of the app with this verify token; the package comment tells how it
// answers. The error is [ErrNoToken]. The handler is safe for concurrent use.
func Handler(verifyToken string, handlers Handlers, opts ...Option) (http.Handler, error) {
	if verifyToken == "" {
		return nil, fmt.Errorf("webhook: %w", ErrNoToken)
	}
	h := &handler{
		config: newConfig(opts), handlers: handlers, flights: flights{running: map[string]*flight{}},
		verify: func(c *config, header http.Header, body []byte) error { return c.verify(verifyToken, header, body) },
	}
	if h.store == nil {
		h.store = NewMemoryEventStore()
	}
	return h, nil
}

type handler struct {
	*config
	handlers Handlers
	flights  flights
	verify   func(c *config, header http.Header, body []byte) error // has the token, so that fmt does not show it
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := h.answer(w, r)
	if o.err != nil {
		h.onError(r, fmt.Errorf("webhook: %w", o.err))
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	if o.status == http.StatusOK {
		header.Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(o.reply) // if it is lost, the event comes again
		return
	}
	switch o.status {
	case http.StatusMethodNotAllowed:
		header.Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", strconv.Itoa(1))
	}
	http.Error(w, http.StatusText(o.status), o.status) // why is for our log, not for strangers
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request) outcome {
	if r.Method != http.MethodPost {
		return outcome{status: http.StatusMethodNotAllowed, err: fmt.Errorf("method %.16q instead of POST", r.Method)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return outcome{status: http.StatusRequestEntityTooLarge, err: fmt.Errorf("the body is larger than %d bytes", tooLarge.Limit)}
	case err != nil:
		return outcome{status: http.StatusBadRequest, err: fmt.Errorf("the body was cut off: %w", err)}
	}
	if !signed(r.Header) {
		return answerChallenge(body)
	}
	if err := h.verify(h.config, r.Header, body); err != nil {
		return outcome{status: http.StatusUnauthorized, err: err}
	}
	ev, err := Parse(body)
	switch {
	case err != nil:
		return outcome{status: http.StatusBadRequest, err: err}
	case ev.Header.EventType == cozeapi.WebhookEventTypeURLVerification:
		return answerChallenge(body)
	}
	return h.deliver(r.Context(), ev)
}

// maxChallenge bounds what is sent back to strangers, in bytes; a challenge of the platform has 36.
const maxChallenge = 256

// answerChallenge answers a url_verification, signed or not: the documentation does not promise a signature, and the answer says
// nothing that the caller does not know. Anything else is refused, for it is not signed.
func answerChallenge(body []byte) outcome {
	unsigned := outcome{status: http.StatusUnauthorized, err: ErrNotSigned}
	ev, err := Parse(body)
	if err != nil || ev.Header.EventType != cozeapi.WebhookEventTypeURLVerification {
		return unsigned
	}
	var v cozeapi.WebhookURLVerification
	if ev.As(&v) != nil || v.Event.Challenge == "" || len(v.Event.Challenge) > maxChallenge {
		return outcome{status: http.StatusBadRequest, err: fmt.Errorf("%w: event.challenge is missing or too long", ErrNoEvent)}
	}
	reply, err := transport.Marshal(cozeapi.WebhookChallengeReply{Challenge: v.Event.Challenge})
	if err != nil {
		return outcome{status: http.StatusBadRequest, err: err}
	}
	return outcome{status: http.StatusOK, reply: reply}
}
