package coze

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cozekit/cozekit/internal/transport"
)

// OAuthDeviceApp is an OAuth app of type device: a program without a browser.
type OAuthDeviceApp struct {
	ClientID string // such as 1234.app.coze
	BaseURL  string // of the API server, if it must be that of the client; [LoadOAuthApp] sets it
}

// OAuthDevice logs users in on another device: show the user the address and the code of a [DeviceLogin], and wait. It is
// safe for concurrent use.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_device_code (RFC 8628)
type OAuthDevice struct{ refreshing }

// NewOAuthDevice checks app and binds it to the server of c, whose own token it does not use.
func NewOAuthDevice(c *Client, app OAuthDeviceApp) (*OAuthDevice, error) {
	f, err := newOAuthFlow(c, app.ClientID, app.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("coze: NewOAuthDevice: %w", err)
	}
	return &OAuthDevice{refreshing{oauthFlow: f}}, nil
}

// DeviceLogin is a login that waits for the user. It prints as [redacted].
type DeviceLogin struct {
	hidden
	UserCode                string        // what the user types, such as WDJB-MJHT
	VerificationURL         string        // the page where the user types it
	VerificationURLComplete string        // the page with the code filled in, for a link or a QR code
	Expires                 time.Time     // when the code expires, normally after 5 minutes
	Interval                time.Duration // least time between two polls, normally 5 s

	deviceCode func() string // fmt shows no closures
}

const (
	defaultPollInterval = 5 * time.Second
	defaultDeviceLife   = 300 * time.Second
	slowDownStep        = 5 * time.Second
	slowestPoll         = 30 * time.Second
)

// Start begins a login.
//
// API: POST /api/permission/oauth2/device/code
func (d *OAuthDevice) Start(ctx context.Context) (*DeviceLogin, error) {
	return d.login(d.client.OAuth.CreateDeviceCode(ctx, CreateDeviceCodeRequest{ClientID: d.clientID}))
}

// StartForWorkspace begins a login for one workspace, on enterprise plans; see [OAuthWeb.AuthorizeURLForWorkspace].
//
// API: POST /api/permission/oauth2/workspace_id/{workspace_id}/device/code
func (d *OAuthDevice) StartForWorkspace(ctx context.Context, workspaceID string) (*DeviceLogin, error) {
	req := CreateWorkspaceDeviceCodeRequest{ClientID: d.clientID}
	return d.login(d.client.OAuth.CreateWorkspaceDeviceCode(ctx, workspaceID, req))
}

func (d *OAuthDevice) login(c *DeviceCode, err error) (*DeviceLogin, error) {
	if err != nil {
		return nil, oauthError(err)
	}
	page, err := url.Parse(c.VerificationURI)
	if err != nil || page.Host == "" || c.DeviceCode == "" || c.UserCode == "" {
		return nil, errors.New("coze: CreateDeviceCode: the answer lacks a code or the address of the page")
	}
	q := page.Query()
	q.Set("user_code", c.UserCode)
	page.RawQuery = q.Encode()
	life, interval := time.Duration(c.ExpiresIn)*time.Second, time.Duration(c.Interval)*time.Second
	if life <= 0 {
		life = defaultDeviceLife
	}
	if interval <= 0 {
		interval = defaultPollInterval
	}
	return &DeviceLogin{
		UserCode: c.UserCode, VerificationURL: c.VerificationURI, VerificationURLComplete: page.String(),
		Expires: time.Now().Add(life), Interval: interval, deviceCode: func() string { return c.DeviceCode },
	}, nil
}

// Poll asks once whether the user has confirmed. Not yet is an [*OAuthError] that matches [ErrAuthorizationPending], or
// [ErrSlowDown] when it was asked too soon.
//
// API: POST /api/permission/oauth2/token
func (d *OAuthDevice) Poll(ctx context.Context, login *DeviceLogin) (TokenPair, error) {
	if login == nil || login.deviceCode == nil {
		return TokenPair{}, errors.New("coze: Poll: the login does not come from Start")
	}
	return d.token(ctx, CreateOAuthTokenRequest{
		GrantType: OAuthGrantTypeDeviceCode, ClientID: d.clientID, DeviceCode: login.deviceCode(),
	}, WithRetry(RetryPolicy{Retries: -1})) // Wait keeps the pace
}

// Wait polls until the user has confirmed. It obeys the server's interval, polls 5 s more slowly, down to every 30 s, when
// the server asks for that, and bears a few failures in a row that may pass. It ends with [ErrAccessDenied] when the user
// refuses, with [ErrDeviceCodeExpired] when the code expires first, and with the error of ctx as soon as that ends.
func (d *OAuthDevice) Wait(ctx context.Context, login *DeviceLogin) (TokenPair, error) {
	if login == nil || login.deviceCode == nil {
		return TokenPair{}, errors.New("coze: Wait: the login does not come from Start")
	}
	interval := login.Interval
	for failed := 0; ; {
		left := time.Until(login.Expires)
		if left <= 0 {
			return TokenPair{}, fmt.Errorf("coze: wait for the user to confirm the device: %w", ErrDeviceCodeExpired)
		}
		if err := transport.Sleep(ctx, min(interval, left)); err != nil {
			return TokenPair{}, fmt.Errorf("coze: wait for the user to confirm the device: %w", err)
		}
		if left < interval {
			continue // the code has expired, and asking now would be asking too soon
		}
		pair, err := d.Poll(ctx, login)
		switch {
		case err == nil || ctx.Err() != nil:
			return pair, err
		case errors.Is(err, ErrAuthorizationPending):
			failed = 0
		case errors.Is(err, ErrSlowDown):
			failed, interval = 0, max(interval, min(interval+slowDownStep, slowestPoll))
		case mayPass(err) && failed+1 < maxFailedPolls:
			failed++
		default:
			return TokenPair{}, err
		}
	}
}
