package cozetest

import (
	"strings"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// device is a device that asks for a token.
type device struct {
	grant
	userCode    string
	workspaceID string
	interval    time.Duration // least pause between two polls; grows when it is not kept
	polled      time.Time     // zero until the first poll
	decided     bool          // by the user
	allowed     bool
}

const (
	pollInterval    = 5 * time.Second
	maxPollInterval = 30 * time.Second
	pollTolerance   = 250 * time.Millisecond // for clients whose timers and networks are not exact
)

func (x *exchange) createDeviceCode(req *cozeapi.CreateDeviceCodeRequest) (any, error) {
	app, err := x.oauthApp(req.ClientID)
	if err != nil {
		return nil, err
	}
	if app.Kind != OAuthDevice {
		return nil, refuseOAuth(wordAccessDeny, "an app of kind %s cannot use device codes", app.Kind)
	}
	d := &device{
		grant:    grant{clientID: app.ClientID, expires: x.srv.cfg.clock().Add(deviceLifetime)},
		userCode: x.srv.userCode(), workspaceID: x.path["workspace_id"], interval: pollInterval,
	}
	if err := x.checkGrantedWorkspace(d.workspaceID); err != nil {
		return nil, err
	}
	code := x.srv.secret("")
	x.srv.state.oauth.devices[code] = d
	return plain{
		"device_code": code, "user_code": d.userCode, "verification_uri": x.baseURL() + devicePath,
		"expires_in": int(deviceLifetime.Seconds()), "interval": int(d.interval.Seconds()),
	}, nil
}

// userCode makes a code of the form WDJB-MJHT. The letters make no words.
func (s *Server) userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	h := mix(s.cfg.seed^0xdec0de, s.ids.n.Add(1))
	var b strings.Builder
	for i := range 8 {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[h%uint64(len(letters))])
		h /= uint64(len(letters))
	}
	return b.String()
}

// deviceByUserCode finds a device by the code that the user types. The caller holds mu.
func (st *state) deviceByUserCode(code string) *device {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, d := range st.oauth.devices {
		if d.userCode == code {
			return d
		}
	}
	return nil
}

// deviceToken answers a poll.
func (x *exchange) deviceToken(app *OAuthApp, req *cozeapi.CreateOAuthTokenRequest) (any, error) {
	now := x.srv.cfg.clock()
	d := x.srv.state.oauth.devices[req.DeviceCode]
	switch {
	case d == nil || d.clientID != app.ClientID || d.spent:
		return nil, refuseOAuth(wordInvalidRequest, "device_code is unknown or was used before")
	case d.expired(now):
		return nil, refuseOAuth(wordExpired, "the device code has expired")
	case d.decided && !d.allowed:
		return nil, refuseOAuth(wordAccessDenied, "the user has refused")
	case d.decided:
		d.spent = true
		return plain(x.srv.userToken(app.ClientID, d.identity)), nil
	}
	early := !d.polled.IsZero() && now.Sub(d.polled) < d.interval-pollTolerance
	d.polled = now
	if early {
		d.interval = min(d.interval+pollInterval, maxPollInterval)
		return nil, refuseOAuth(wordSlowDown, "wait %v between two requests", d.interval)
	}
	return nil, refuseOAuth(wordPending, "the user has not decided yet")
}
