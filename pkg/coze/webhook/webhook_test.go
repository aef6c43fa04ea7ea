package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webhook"
)

const verifyToken = "a-verify-token"

// body is a delivery of an event.
func body(eventType, id, event string) string {
	return fmt.Sprintf(`{"header":{"event_type":%q,"event_id":%q,"created_at":%d,"api_app_id":"77"},"event":%s}`,
		eventType, id, time.Now().UnixMilli(), event)
}

// delivery signs a body as the platform does.
func delivery(body string) *http.Request { return deliveryAt(body, time.Now()) }

func deliveryAt(body string, at time.Time) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader(body))
	timestamp, nonce := strconv.FormatInt(at.UnixMilli(), 10), "0a1b2c"
	r.Header.Set(webhook.HeaderTimestamp, timestamp)
	r.Header.Set(webhook.HeaderNonce, nonce)
	r.Header.Set(webhook.HeaderSignature, webhook.Sign(verifyToken, timestamp, nonce, []byte(body)))
	return r
}

func newHandler(t *testing.T, hs webhook.Handlers, opts ...webhook.Option) http.Handler {
	t.Helper()
	h, err := webhook.Handler(verifyToken, hs, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// The sample of the facts: the parts are hashed in the order timestamp, nonce, token, body.
func TestSign(t *testing.T) {
	t.Parallel()
	// printf '1749116452112nonce-1token-1{"a":1}' | sha1sum
	if got, want := webhook.Sign("token-1", "1749116452112", "nonce-1", []byte(`{"a":1}`)), "fc192744ba7785699035a6917b46ff2269303e13"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	const challenge = `{"header":{"event_type":"url_verification","event_id":"e","created_at":1749116452112},"event":{"challenge":"c-1"}}`
	h := newHandler(t, webhook.Handlers{})
	unsigned := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(challenge))
	forged := delivery(challenge)
	forged.Header.Set(webhook.HeaderSignature, strings.Repeat("0", 40))
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		body   string
	}{
		{"signed", delivery(challenge), http.StatusOK, `{"challenge":"c-1"}`},
		{"not signed", unsigned, http.StatusOK, `{"challenge":"c-1"}`},
		{"forged", forged, http.StatusUnauthorized, "Unauthorized\n"},
		{"too long", delivery(strings.Replace(challenge, "c-1", strings.Repeat("x", 257), 1)), http.StatusBadRequest, "Bad Request\n"},
		{"empty", delivery(strings.Replace(challenge, "c-1", "", 1)), http.StatusBadRequest, "Bad Request\n"},
	} {
		w := send(h, tt.r)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: got %d %q, want %d %q", tt.name, w.Code, w.Body, tt.status, tt.body)
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", tt.name, got)
		}
	}
}

// Forged, late, cut, oversized and strange deliveries are answered as the package comment says, and reach no function.
func TestRefused(t *testing.T) {
	t.Parallel()
	deleted := body("bot.deleted", "e-1", `{"bot_id":"7"}`)
	change := func(r *http.Request, header, value string) *http.Request {
		r.Header.Set(header, value)
		return r
	}
	moved := deliveryAt(deleted, time.Now().Add(-time.Hour)) // a digit of the nonce joins the timestamp
	moved.Header.Set(webhook.HeaderTimestamp, moved.Header.Get(webhook.HeaderTimestamp)+"0")
	moved.Header.Set(webhook.HeaderNonce, strings.TrimPrefix(moved.Header.Get(webhook.HeaderNonce), "0"))
	capitals := delivery(deleted)
	capitals.Header.Set(webhook.HeaderSignature, strings.ToUpper(capitals.Header.Get(webhook.HeaderSignature)))
	truncated := delivery(deleted)
	truncated.Body = io.NopCloser(strings.NewReader(deleted[:len(deleted)-1]))
	other := delivery(deleted)
	other.Body = io.NopCloser(strings.NewReader(strings.Replace(deleted, `"7"`, `"8"`, 1)))
	cut := delivery(deleted)
	cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(deleted[:20]), brokenReader{}))
	unsigned := delivery(deleted)
	for _, name := range []string{webhook.HeaderTimestamp, webhook.HeaderNonce, webhook.HeaderSignature} {
		unsigned.Header.Del(name)
	}
	get := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		want   error // nil for any
	}{
		{"forged signature", change(delivery(deleted), webhook.HeaderSignature, strings.Repeat("a", 40)), 401, webhook.ErrSignature},
		{"signature in capitals", capitals, 401, webhook.ErrSignature},
		{"signature and more", change(delivery(deleted), webhook.HeaderSignature, capitals.Header.Get(webhook.HeaderSignature)+"0"), 401, webhook.ErrSignature},
		{"another body", other, 401, webhook.ErrSignature},
		{"truncated", truncated, 401, webhook.ErrSignature},
		{"another nonce", change(delivery(deleted), webhook.HeaderNonce, "other"), 401, webhook.ErrSignature},
		{"another time", change(delivery(deleted), webhook.HeaderTimestamp, strconv.FormatInt(time.Now().UnixMilli()+1, 10)), 401, webhook.ErrSignature},
		{"no signature", change(delivery(deleted), webhook.HeaderSignature, ""), 401, webhook.ErrNotSigned},
		{"no timestamp", change(delivery(deleted), webhook.HeaderTimestamp, ""), 401, webhook.ErrNotSigned},
		{"nothing at all", unsigned, 401, webhook.ErrNotSigned},
		{"late", deliveryAt(deleted, time.Now().Add(-6*time.Minute)), 401, webhook.ErrStale},
		{"from the future", deliveryAt(deleted, time.Now().Add(6*time.Minute)), 401, webhook.ErrStale},
		{"digits moved", moved, 401, webhook.ErrStale},
		{"connection lost", cut, 400, nil},
		{"oversized", delivery(body("bot.deleted", "e", `"`+strings.Repeat("x", 1<<20)+`"`)), 413, nil},
		{"no JSON", delivery("event=1"), 400, webhook.ErrNoEvent},
		{"a list", delivery("[]"), 400, webhook.ErrNoEvent},
		{"no type", delivery(body("", "e", "{}")), 400, webhook.ErrNoEvent},
		{"no id", delivery(body("bot.deleted", "", "{}")), 400, webhook.ErrNoEvent},
		{"GET", get, 405, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var heard error
			fail := func(context.Context, webhook.Event) error { t.Error("the function was called"); return nil }
			h := newHandler(t, webhook.Handlers{Other: fail}, webhook.WithOnError(func(r *http.Request, err error) {
				if r == nil {
					t.Error("no request")
				}
				heard = err
			}))
			w := send(h, tt.r)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d (%v)", w.Code, tt.status, heard)
			}
			if heard == nil || tt.want != nil && !errors.Is(heard, tt.want) {
				t.Errorf("heard %v, want %v", heard, tt.want)
			}
			if heard != nil && strings.Contains(heard.Error(), verifyToken) || strings.Contains(w.Body.String(), verifyToken) {
				t.Errorf("the token shows: %v, %s", heard, w.Body)
			}
		})
	}
}

// The limit of the body is exact.
func TestMaxBody(t *testing.T) {
	t.Parallel()
	text := body("bot.deleted", "e", "{}")
	for limit, status := range map[int64]int{int64(len(text)): 200, int64(len(text)) - 1: 413, 0: 200, -1: 200} {
		if w := send(newHandler(t, webhook.Handlers{}, webhook.WithMaxBody(limit)), delivery(text)); w.Code != status {
			t.Errorf("%d bytes, %d allowed: %d, want %d", len(text), limit, w.Code, status)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Ids come as numbers or strings, under one of two names; both are filled.
func TestIDs(t *testing.T) {
	t.Parallel()
	const big = "7512345678901234567"
	for _, event := range []string{
		`{"bot_id_str":` + big + `,"user_id_str":` + big + `}`,
		`{"bot_id_str":"` + big + `","user_id_str":"` + big + `"}`,
		`{"bot_id":` + big + `,"user_id":` + big + `}`,
		`{"bot_id":"` + big + `","user_id":"` + big + `"}`,
	} {
		var got webhook.BotPublished
		h := newHandler(t, webhook.Handlers{BotPublished: func(_ context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
			got = ev
			return webhook.Audit{}, nil
		}})
		if w := send(h, delivery(body("bot.published", "e", event))); w.Code != http.StatusOK || w.Body.String() != "{}" {
			t.Fatalf("%s: %d %s", event, w.Code, w.Body)
		}
		want := coze.WebhookBotPublishedEvent{BotID: big, BotIDStr: big, UserID: big, UserIDStr: big}
		if diff := cmp.Diff(want, got.Event); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", event, diff)
		}
	}
}

// Each type reaches its function; what has none reaches Other with every byte.
func TestTypes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	note := func(s string) { mu.Lock(); got = append(got, s); mu.Unlock() }
	h := newHandler(t, webhook.Handlers{
		BotPublished: func(_ context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
			note("published " + ev.Event.Version)
			return webhook.Audit{Status: coze.AuditStatusRejected, Reason: "no", ShareLink: "https://x"}, nil
		},
		BotDeleted: func(_ context.Context, ev webhook.BotDeleted) error { note("deleted " + ev.Event.BotID); return nil },
		BotUnpublished: func(_ context.Context, ev webhook.BotUnpublished) error {
			note("unpublished " + ev.Event.ConnectorID)
			return nil
		},
		BenefitUsage: func(_ context.Context, ev webhook.BenefitUsage) error {
			note(fmt.Sprint("usage ", ev.Event.ModelInputToken, " ", ev.Event.ConsumeTime.Time().Unix()))
			return nil
		},
		PluginScaleRequested: func(_ context.Context, ev webhook.PluginScaleRequested) error {
			note("requested by " + ev.Event.ApplicantInfo.UserID)
			return nil
		},
		PluginScaleExpired: func(_ context.Context, ev webhook.PluginScaleExpired) error {
			note(fmt.Sprint("expired ", ev.Event.ExpiredCapacity))
			return nil
		},
		Other: func(_ context.Context, ev webhook.Event) error {
			note(ev.String() + " " + string(ev.Raw[bytes.Index(ev.Raw, []byte(`"event":`)):]))
			return nil
		},
	})
	for i, tt := range []struct{ kind, event, want, reply string }{
		{"bot.published", `{"version":"9"}`, "published 9", `{"audit":{"audit_status":3,"reason":"no"},"share_link":"https://x"}`},
		{"bot.deleted", `{"bot_id":7}`, "deleted 7", "{}"},
		{"bot.unpublished", `{"connector_id":"1024"}`, "unpublished 1024", "{}"},
		{"benefit.usage", `{"model_input_token":12,"consume_time":1749116452}`, "usage 12 1749116452", "{}"},
		{"benefit.plugin.scale.requested", `{"applicant_info":{"user_id":8}}`, "requested by 8", "{}"},
		{"benefit.plugin.scale.expired", `{"expired_capacity":2.5}`, "expired 2.5", "{}"},
		{"bot.renamed", `{"new": true}`, `bot.renamed e-6 "event":{"new": true}}`, "{}"},
		{"bot.deleted", `"text"`, `bot.deleted e-7 "event":"text"}`, "{}"}, // not decodable: raw, not lost
	} {
		got = nil
		w := send(h, delivery(body(tt.kind, fmt.Sprint("e-", i), tt.event)))
		if w.Code != http.StatusOK || w.Body.String() != tt.reply || len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %d %s, called %q, want %q", tt.kind, w.Code, w.Body, got, tt.want)
		}
	}
}

func TestNobodyAsked(t *testing.T) {
	t.Parallel()
	h := newHandler(t, webhook.Handlers{})
	for kind, status := range map[string]int{"bot.renamed": 200, "bot.published": 200, "bot.unpublished": 200} {
		if w := send(h, delivery(body(kind, kind, `{}`))); w.Code != status {
			t.Errorf("%s: %d", kind, w.Code)
		}
	}
	h = newHandler(t, webhook.Handlers{BotDeleted: func(context.Context, webhook.BotDeleted) error { return nil }})
	if w := send(h, delivery(body("bot.deleted", "e", `[]`))); w.Code != http.StatusInternalServerError {
		t.Errorf("an event that cannot be decoded: %d", w.Code)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	text := body("bot.deleted", "e", "{}")
	r := deliveryAt(text, time.Now().Add(-time.Hour))
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"late", webhook.Verify(verifyToken, r.Header, []byte(text)), webhook.ErrStale},
		{"wide window", webhook.Verify(verifyToken, r.Header, []byte(text), webhook.WithWindow(2*time.Hour)), nil},
		{"no window", webhook.Verify(verifyToken, r.Header, []byte(text), webhook.WithWindow(0)), nil},
		{"another clock", webhook.Verify(verifyToken, r.Header, []byte(text),
			webhook.WithClock(func() time.Time { return time.Now().Add(-time.Hour) })), nil},
		{"no token", webhook.Verify("", r.Header, []byte(text)), webhook.ErrNoToken},
		{"another token", webhook.Verify("x", r.Header, []byte(text)), webhook.ErrSignature},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, tt.err, tt.want)
		}
	}
	if _, err := webhook.Handler("", webhook.Handlers{}); !errors.Is(err, webhook.ErrNoToken) {
		t.Errorf("a handler without a token: %v", err)
	}
}

// A handler does not show its token in formatted text.
func TestTokenDoesNotPrint(t *testing.T) {
	t.Parallel()
	if text := fmt.Sprintf("%v %+v %#v", newHandler(t, webhook.Handlers{}), newHandler(t, webhook.Handlers{}), newHandler(t, webhook.Handlers{})); strings.Contains(text, verifyToken) {
		t.Error(text)
	}
}

// FuzzHandler: whatever comes, only what is signed reaches a function, an unknown event with every byte, and the answer is one of those
// that the package comment lists.
func FuzzHandler(f *testing.F) {
	f.Add("1749116452112", "n", "s", []byte(body("bot.published", "e", `{"bot_id":1}`)), true)
	f.Add("", "", "", []byte(`{"header":{"event_type":"url_verification"},"event":{"challenge":"c"}}`), false)
	f.Add("-1", "", strings.Repeat("0", 40), []byte(`{"header":{"event_type":1}}`), true)
	f.Add("9223372036854775807", "\r\n", strings.Repeat("A", 40), []byte(body("bot.deleted", "e", `null`)), false)
	for _, kind := range []string{
		"bot.deleted", "bot.unpublished", "benefit.usage", "benefit.plugin.scale.requested", "benefit.plugin.scale.expired", "x",
	} {
		f.Add("", "", "", []byte(body(kind, "e", `{"bot_id":"1","connector_id":2,"consume_time":"3","expired_capacity":1e400}`)), true)
	}
	f.Fuzz(func(t *testing.T, timestamp, nonce, signature string, text []byte, sign bool) {
		var called atomic.Int32
		count := func() error { called.Add(1); return nil }
		h := newHandler(t, webhook.Handlers{
			BotPublished:         func(context.Context, webhook.BotPublished) (webhook.Audit, error) { return webhook.Audit{}, count() },
			BotDeleted:           func(context.Context, webhook.BotDeleted) error { return count() },
			BotUnpublished:       func(context.Context, webhook.BotUnpublished) error { return count() },
			BenefitUsage:         func(context.Context, webhook.BenefitUsage) error { return count() },
			PluginScaleRequested: func(context.Context, webhook.PluginScaleRequested) error { return count() },
			PluginScaleExpired:   func(context.Context, webhook.PluginScaleExpired) error { return count() },
			Other: func(_ context.Context, ev webhook.Event) error {
				if !bytes.Equal(ev.Raw, text) || ev.Header.EventID == "" {
					t.Errorf("raw %q of %q", ev.Raw, text)
				}
				return count()
			},
		})
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(text))
		if sign {
			timestamp = strconv.FormatInt(time.Now().UnixMilli(), 10)
			signature = webhook.Sign(verifyToken, timestamp, nonce, text)
		}
		r.Header[webhook.HeaderTimestamp], r.Header[webhook.HeaderNonce] = []string{timestamp}, []string{nonce}
		r.Header[webhook.HeaderSignature] = []string{signature}
		w := send(h, r)
		if n := called.Load(); n > 1 || n == 1 && (!sign || w.Code != http.StatusOK) {
			t.Errorf("%d calls for an answer of %d, signed %v", n, w.Code, sign)
		}
		switch w.Code {
		case http.StatusOK:
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("answer %q", w.Body)
			}
		case http.StatusBadRequest:
		case http.StatusUnauthorized:
			if sign {
				t.Error("what is signed was refused")
			}
		default:
			t.Errorf("answer %d", w.Code)
		}
	})
}
