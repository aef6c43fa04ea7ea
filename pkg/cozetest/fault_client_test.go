package cozetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// sdk is our client of a server in memory.
func sdk(t testing.TB, srv *cozetest.Server, opts ...coze.ClientOption) *coze.Client {
	t.Helper()
	c, err := coze.NewClient(append([]coze.ClientOption{
		coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type sdkCall func(context.Context, *coze.Client) error

// The calls of the tests, by what the document says of repeating them.
func safeCall(ctx context.Context, c *coze.Client) error { // x-coze-retry: safe
	_, err := c.Bots.Get(ctx, bot, coze.RetrieveBotRequest{})
	return err
}

func neverCall(ctx context.Context, c *coze.Client) error { // x-coze-retry: never
	_, err := c.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: bot})
	return err
}

func streamCall(ctx context.Context, c *coze.Client) error { // x-coze-retry: never
	s, err := c.Chat.Stream(ctx, coze.CreateChatRequest{BotID: bot, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("Hi")}})
	if err != nil {
		return err
	}
	for _, err := range s.All() {
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	getBot     = "RetrieveBot"
	createConv = "CreateConversation"
	createChat = "CreateChat"
)

// TestFaultsOnTheClient lets each kind of fault happen to our client: how often it sends, what its error is, and whether the server
// has done the work. A call that must not be repeated is never done twice.
func TestFaultsOnTheClient(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		call  sdkCall
		fault cozetest.Fault
		calls int   // requests that the server got
		want  error // nil for success
		done  int   // conversations that exist afterwards
	}{
		{"latency", safeCall, cozetest.Fault{Kind: cozetest.FaultLatency, Duration: 20 * time.Second}, 1, nil, 0},
		{"latency beyond the limit", safeCall, cozetest.Fault{Kind: cozetest.FaultLatency, Duration: time.Hour, Times: 1}, 2, nil, 0},
		{"latency beyond the limit, never", neverCall, cozetest.Fault{Kind: cozetest.FaultLatency, Duration: time.Hour}, 1, coze.ErrTimeout, 0},
		{"429", neverCall, cozetest.Fault{Kind: cozetest.FaultRateLimit, Times: 2}, 3, nil, 1},
		{"429 with Retry-After", neverCall, cozetest.Fault{Kind: cozetest.FaultRateLimit, Times: 2, RetryAfter: "3"}, 3, nil, 1},
		{"429 with a long Retry-After", safeCall, cozetest.Fault{Kind: cozetest.FaultRateLimit, RetryAfter: "3600"}, 1, coze.ErrRateLimited, 0},
		{"4013", neverCall, cozetest.Fault{Kind: cozetest.FaultCode, Times: 1}, 2, nil, 1},
		{"4013 without end", safeCall, cozetest.Fault{Kind: cozetest.FaultCode}, 3, coze.ErrRateLimited, 0},
		{"4200", safeCall, cozetest.Fault{Kind: cozetest.FaultCode, Code: 4200}, 1, coze.ErrNotFound, 0},
		{"500", safeCall, cozetest.Fault{Kind: cozetest.FaultServerError}, 1, coze.ErrServer, 0},
		{"503", safeCall, cozetest.Fault{Kind: cozetest.FaultServerError, Status: 503, Times: 1}, 2, nil, 0},
		{"502", safeCall, cozetest.Fault{Kind: cozetest.FaultGateway, Times: 2}, 3, nil, 0},
		{"502 before the work, never", neverCall, cozetest.Fault{Kind: cozetest.FaultGateway, Times: 1}, 1, coze.ErrServer, 0},
		{"502 after the work, never", neverCall, cozetest.Fault{Kind: cozetest.FaultGateway, Work: cozetest.WorkDone, Times: 1}, 1, coze.ErrServer, 1},
		{"504 after the work, never", neverCall,
			cozetest.Fault{Kind: cozetest.FaultGateway, Status: 504, Work: cozetest.WorkDone}, 1, coze.ErrTimeout, 1},
		{"empty body", neverCall, cozetest.Fault{Kind: cozetest.FaultEmptyBody, Work: cozetest.WorkDone}, 1, errAny, 1},
		{"truncated body", neverCall, cozetest.Fault{Kind: cozetest.FaultTruncatedBody}, 1, io.ErrUnexpectedEOF, 1},
		{"truncated body, safe", safeCall, cozetest.Fault{Kind: cozetest.FaultTruncatedBody, Bytes: 1, Times: 1}, 2, nil, 0},
		{"HTML by its type", neverCall, cozetest.Fault{Kind: cozetest.FaultWrongType}, 1, nil, 1},
		{"HTML by its type, stream", streamCall, cozetest.Fault{Kind: cozetest.FaultWrongType}, 1, errAny, 1},
		{"reset before the work", safeCall, cozetest.Fault{Kind: cozetest.FaultReset, Times: 1}, 2, nil, 0},
		{"reset before the work, never", neverCall, cozetest.Fault{Kind: cozetest.FaultReset, Times: 1}, 1, errAny, 0},
		{"reset after the work, never", neverCall, cozetest.Fault{Kind: cozetest.FaultReset, Work: cozetest.WorkDone, Times: 1}, 1, io.EOF, 1},
		{"cut before the first event", streamCall, cozetest.Fault{Kind: cozetest.FaultCutStream}, 1, io.ErrUnexpectedEOF, 1},
		{"cut after three events", streamCall, cozetest.Fault{Kind: cozetest.FaultCutStream, Events: 3}, 1, io.ErrUnexpectedEOF, 1},
		{"cut in an event", streamCall, cozetest.Fault{Kind: cozetest.FaultCutStream, Bytes: 200}, 1, io.ErrUnexpectedEOF, 1},
		{"end after three events", streamCall, cozetest.Fault{Kind: cozetest.FaultEndStream, Events: 3}, 1, io.ErrUnexpectedEOF, 1},
		{"byte by byte", streamCall, cozetest.Fault{Kind: cozetest.FaultByteByByte}, 1, nil, 1},
		{"byte by byte, no stream", safeCall, cozetest.Fault{Kind: cozetest.FaultByteByByte}, 1, nil, 0},
		{"expired token", safeCall, cozetest.Fault{Kind: cozetest.FaultExpireToken}, 1, coze.ErrUnauthorized, 0},
		{"clock shift", safeCall, cozetest.Fault{Kind: cozetest.FaultClockShift, Duration: -time.Hour}, 1, nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.fault.Operations = []string{getBot, createConv, createChat}
				srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(tc.fault))
				c := sdk(t, srv)
				err := tc.call(t.Context(), c)
				if tc.want == nil && err != nil || tc.want == errAny && err == nil || tc.want != errAny && !errors.Is(err, tc.want) {
					t.Errorf("got error %v, want %v", err, tc.want)
				}
				if got := len(srv.Calls()); got != tc.calls {
					t.Errorf("the client sent %d requests, want %d", got, tc.calls)
				}
				if got := srv.Faults()[0].Happened; got == 0 {
					t.Error("the fault did not happen")
				}
				if err := srv.SetFaults(); err != nil {
					t.Fatal(err)
				}
				list, err := c.Conversations.List(t.Context(), coze.ListConversationsRequest{BotID: bot})
				if err != nil || len(list.Items) != tc.done {
					t.Errorf("got %d conversations and error %v, want %d", len(list.Items), err, tc.done)
				}
			})
		})
	}
}

// errAny stands for an error without a category.
var errAny = errors.New("any error")

// TestResetOnTheWire resets real connections.
func TestResetOnTheWire(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultReset, Work: cozetest.WorkDone, Times: 1}))
	c := sdk(t, srv, coze.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err := neverCall(t.Context(), c); err == nil {
		t.Error("got no error")
	}
	if err := neverCall(t.Context(), c); err != nil {
		t.Error(err)
	}
	calls := srv.Calls()
	if len(calls) != 2 || calls[0].Status != 0 || !slices.Equal(calls[0].Faults, []cozetest.FaultKind{cozetest.FaultReset}) || calls[1].Faults != nil {
		t.Errorf("got %+v", calls)
	}
}

// TestRetryAfterIsWaitedFor measures the waiting, which the clock of the bubble makes exact.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(),
			cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultRateLimit, RetryAfter: "7", Times: 2}))
		began := time.Now()
		if err := neverCall(t.Context(), sdk(t, srv)); err != nil || time.Since(began) != 14*time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
	})
}

// renewing hands out one token until the server refuses it, and then a new one each time.
type renewing struct {
	srv   *cozetest.Server
	token string
}

func (r renewing) Token(context.Context) (coze.Token, error) { return coze.Token{Access: r.token}, nil }

func (r renewing) Refresh(context.Context, coze.Token) (coze.Token, error) {
	return coze.Token{Access: r.srv.TokenFor(cozetest.Visitor{})}, nil
}

// TestExpiredTokenIsRenewed lets an issued token expire in the middle of work.
func TestExpiredTokenIsRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		c := sdk(t, srv, coze.WithTokenSource(renewing{srv, srv.TokenFor(cozetest.Visitor{})}))
		if err := srv.SetFaults(cozetest.Fault{Kind: cozetest.FaultExpireToken, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if err := safeCall(t.Context(), c); err != nil {
			t.Error(err)
		}
		calls := srv.Calls()
		if len(calls) != 2 || calls[0].Code != 4100 || calls[0].Status != 401 || calls[1].Code != 0 {
			t.Errorf("got %+v", calls)
		}
	})
}

// TestClockShiftExpiresTokens: the clock of the server runs ahead of the client's, which takes its token for good until it is refused.
func TestClockShiftExpiresTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(
			cozetest.Fault{Kind: cozetest.FaultClockShift, Duration: 2 * time.Hour, Every: 2},
		))
		token := srv.TokenFor(cozetest.Visitor{Lifetime: time.Hour})
		fixed, renews := sdk(t, srv, coze.WithToken(token)), sdk(t, srv, coze.WithTokenSource(renewing{srv, token}))
		if err := safeCall(t.Context(), fixed); err != nil {
			t.Error(err)
		}
		if err := safeCall(t.Context(), fixed); !errors.Is(err, coze.ErrUnauthorized) {
			t.Errorf("got %v two hours later", err)
		}
		if err := neverCall(t.Context(), renews); err != nil {
			t.Errorf("got %v with a token that can be renewed", err)
		}
		if got := srv.Faults()[0]; got.Happened != 1 || len(srv.Calls()) != 4 {
			t.Errorf("got %+v and %d calls", got, len(srv.Calls()))
		}
	})
}

// TestFaultsOnHandshakes: a refusal is an error with its category, and a silent server does not hold the client for ever.
func TestFaultsOnHandshakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(
			cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Operations: []string{"ConnectSpeechSocket"}, Times: 1},
			cozetest.Fault{Kind: cozetest.FaultSilentSocket},
		))
		c := sdk(t, srv)
		if _, err := cozevoice.Speech(t.Context(), c, cozevoice.SpeechRequest{}); !errors.Is(err, coze.ErrForbidden) {
			t.Errorf("got %v for a refused handshake", err)
		}
		session, err := cozevoice.Speech(t.Context(), c, cozevoice.SpeechRequest{}, cozevoice.WithPing(time.Minute, 10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := session.Turn(t.Context()); err == nil || time.Since(began) > 2*time.Minute {
			t.Errorf("got %v after %v from a silent server", err, time.Since(began))
		}
		_ = session.Close(t.Context())
		calls := srv.Calls()
		if len(calls) != 2 || calls[0].Status != 403 || calls[1].Status != 101 || calls[1].Operation != "ConnectSpeechSocket" {
			t.Errorf("got %+v", calls)
		}
	})
}
