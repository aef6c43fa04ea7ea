package coze_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

const (
	pendingReply  = `400 {"error_code":"authorization_pending"}`
	slowDownReply = `400 {"error":"slow_down"}`
)

func startDevice(t *testing.T, s *oauthServer) (*coze.OAuthDevice, *coze.DeviceLogin) {
	t.Helper()
	f, err := coze.NewOAuthDevice(oauthClient(t, s), coze.OAuthDeviceApp{ClientID: clientID})
	if err != nil {
		t.Fatal(err)
	}
	login, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f, login
}

// TestDeviceWait: pitfall D40. The server sets the pace, and the context ends the wait at once.
func TestDeviceWait(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		replies []string
		polls   []int // seconds after the start
		want    error
		end     int // seconds
		timeout time.Duration
	}{
		{"at once", []string{"200 token"}, []int{5}, nil, 5, 0},
		{"pending", []string{pendingReply, pendingReply, "200 token"}, []int{5, 10, 15}, nil, 15, 0},
		{"slow down", []string{slowDownReply, slowDownReply, slowDownReply, slowDownReply, slowDownReply, slowDownReply, pendingReply, "200 token"},
			[]int{5, 15, 30, 50, 75, 105, 135, 165}, nil, 165, 0},
		{"slow down with status 429", []string{`429 {"error_code":"slow_down"}`, "200 token"}, []int{5, 15}, nil, 15, 0},
		{"refused", []string{pendingReply, `400 {"error_code":"access_denied"}`}, []int{5, 10}, coze.ErrAccessDenied, 10, 0},
		{"expired by the server", []string{`400 {"error_code":"expired_token"}`}, []int{5}, coze.ErrDeviceCodeExpired, 5, 0},
		{"passing failures", []string{"502 <html>", `400 {"error_code":"internal_error"}`, "200 token"}, []int{5, 10, 15}, nil, 15, 0},
		{"lasting failures", []string{"502 a", "502 a", "502 a", "502 a", "502 a"}, []int{5, 10, 15, 20, 25}, coze.ErrServer, 25, 0},
		{"context", []string{pendingReply}, []int{5}, context.DeadlineExceeded, 7, 7 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &oauthServer{}
				f, login := startDevice(t, s)
				s.replies = tt.replies
				start, ctx := time.Now(), t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				p, err := f.Wait(ctx, login)
				if !errors.Is(err, tt.want) || (err == nil) != (p.Access != "") {
					t.Errorf("got %v", err)
				}
				var polls []int
				for _, q := range s.all()[1:] {
					polls = append(polls, int(q.at.Sub(start)/time.Second))
				}
				if diff := cmp.Diff(tt.polls, polls); diff != "" || time.Since(start) != time.Duration(tt.end)*time.Second {
					t.Errorf("ended after %v, polls %s", time.Since(start), diff)
				}
			})
		})
	}
}

func TestDeviceCodeExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		f, login := startDevice(t, s)
		for range 100 {
			s.replies = append(s.replies, pendingReply)
		}
		start := time.Now()
		_, err := f.Wait(t.Context(), login)
		if !errors.Is(err, coze.ErrDeviceCodeExpired) || time.Since(start) != 300*time.Second || len(s.all()) != 61 {
			t.Errorf("%v after %v and %d requests", err, time.Since(start), len(s.all()))
		}
	})
}

func TestDeviceStart(t *testing.T) {
	t.Parallel()
	s := &oauthServer{}
	f, login := startDevice(t, s)
	if login.VerificationURL != "https://www.coze.cn/device?lang=en" || login.VerificationURLComplete != "https://www.coze.cn/device?lang=en&user_code=WDJB-MJHT" ||
		login.UserCode != "WDJB-MJHT" || login.Interval != 5*time.Second || time.Until(login.Expires) < 299*time.Second {
		t.Errorf("got %s", login.VerificationURLComplete)
	}
	if _, err := f.StartForWorkspace(t.Context(), "7001"); err != nil || s.all()[1].path != "/api/permission/oauth2/workspace_id/7001/device/code" {
		t.Errorf("for a workspace: %v", err)
	}
	s.replies = []string{pendingReply}
	if _, err := f.Poll(t.Context(), login); !errors.Is(err, coze.ErrAuthorizationPending) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Poll(t.Context(), &coze.DeviceLogin{}); err == nil {
		t.Error("a login from nowhere")
	}
	if _, err := f.Wait(t.Context(), nil); err == nil {
		t.Error("no login")
	}
	s.replies = []string{`200 {"device_code":"d","user_code":"u"}`, `200 {"device_code":"d","user_code":"u","verification_uri":"https://x/"}`}
	if _, err := f.Start(t.Context()); err == nil {
		t.Error("an answer without a page")
	}
	if l, err := f.Start(t.Context()); err != nil || l.Interval != 5*time.Second || time.Until(l.Expires) < 299*time.Second {
		t.Errorf("the defaults of RFC 8628: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Wait(ctx, login); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
