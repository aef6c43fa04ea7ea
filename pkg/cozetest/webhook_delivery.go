package cozetest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Webhook is an event for a callback app, as [Server.Deliver] sends it.
type Webhook struct {
	URL         string         // that it is sent to
	VerifyToken string         // of the callback app; signs the delivery
	EventType   string         // such as bot.published
	EventID     string         // a new one by default
	CreatedAt   time.Time      // when it happened: the signed timestamp; now, by the clock of the server, by default
	Event       any            // encodes as the JSON object of the event; {} by default
	Header      map[string]any // more fields of the header of the body, such as api_app_id
}

// Delivery is what became of a [Webhook].
type Delivery struct {
	EventID  string
	Attempts []DeliveryAttempt // in order; the last one has status 200 unless all failed
}

// DeliveryAttempt is one request to a callback URL.
type DeliveryAttempt struct {
	Status int    // 0 if there was no answer
	Body   []byte // of the answer, the first 64 KiB
	Err    error  // why there was no answer
}

// How events are delivered. The documentation says how long the platform waits, and that it sends an event again that is not
// answered with 200, but neither how often nor when.
const (
	deliveryAttempts = 3
	deliveryPause    = 100 * time.Millisecond
	deliveryWait     = 3 * time.Second
	publishWait      = 10 * time.Second // for bot.published
	maxDeliveryReply = 64 << 10
)

// Deliver sends an event to a callback URL as the platform does: signed with the verify token, waiting 3 seconds for an answer, 10 for
// bot.published, and again, with the same event id, until it is answered with 200, three times at most. The error says that it never was.
// Deliver blocks until then; it is safe for concurrent use.
func (s *Server) Deliver(ctx context.Context, w Webhook) (Delivery, error) {
	d := Delivery{EventID: cmp.Or(w.EventID, s.ids.next())}
	if w.CreatedAt.IsZero() {
		w.CreatedAt = s.cfg.clock()
	}
	body, err := w.body(d.EventID)
	if err != nil {
		return d, fmt.Errorf("cozetest: event %s: %w", w.EventType, err)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for range deliveryAttempts {
		a := s.attempt(ctx, client, w, body)
		d.Attempts = append(d.Attempts, a)
		if a.Status == http.StatusOK {
			return d, nil
		}
		select {
		case <-time.After(deliveryPause):
		case <-ctx.Done():
			return d, fmt.Errorf("cozetest: event %s: %w", w.EventType, ctx.Err())
		}
	}
	last := d.Attempts[deliveryAttempts-1]
	return d, fmt.Errorf("cozetest: event %s was sent %d times and not answered with 200: status %d, %w",
		w.EventType, deliveryAttempts, last.Status, cmp.Or(last.Err, errors.New("not what the platform waits for")))
}

func (w Webhook) body(eventID string) ([]byte, error) {
	header := map[string]any{"event_type": w.EventType, "event_id": eventID, "created_at": w.CreatedAt.UnixMilli()}
	maps.Copy(header, w.Header)
	event := w.Event
	if event == nil {
		event = struct{}{}
	}
	return json.Marshal(map[string]any{"header": header, "event": event})
}

func (s *Server) attempt(ctx context.Context, client *http.Client, w Webhook, body []byte) (a DeliveryAttempt) {
	wait := deliveryWait
	if w.EventType == eventBotPublished {
		wait = publishWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return DeliveryAttempt{Err: err}
	}
	timestamp, nonce := strconv.FormatInt(w.CreatedAt.UnixMilli(), 10), strconv.FormatUint(mix(s.cfg.seed, s.ids.n.Add(1)), 16)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("X-Coze-Timestamp", timestamp)
	req.Header.Set("X-Coze-Nonce", nonce)
	req.Header.Set("X-Coze-Signature", webhookSignature(timestamp, nonce, w.VerifyToken, body))
	rsp, err := client.Do(req)
	if err != nil {
		return DeliveryAttempt{Err: err}
	}
	defer rsp.Body.Close()
	a.Status = rsp.StatusCode
	a.Body, a.Err = io.ReadAll(io.LimitReader(rsp.Body, maxDeliveryReply))
	return a
}

// webhookSignature is the SHA-1 of the parts, with nothing between them.
func webhookSignature(timestamp, nonce, verifyToken string, body []byte) string {
	sum := sha1.Sum(append([]byte(timestamp+nonce+verifyToken), body...))
	return hex.EncodeToString(sum[:])
}
