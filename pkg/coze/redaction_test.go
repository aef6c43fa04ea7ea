package coze_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestSecretsDoNotPrint: no verb and no log shows a field that the document marks as sensitive, alone or inside another
// value, and JSON keeps it.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value"
	values := []any{
		coze.OAuthToken{AccessToken: secret, RefreshToken: secret, TokenType: "Bearer"},
		coze.DeviceCode{DeviceCode: secret, UserCode: "visible"},
		coze.CreateOAuthTokenRequest{Code: secret, CodeVerifier: secret, RefreshToken: secret, DeviceCode: secret, ClientID: "visible"},
		coze.CreateRoomData{Token: secret, RoomID: "visible"},
	}
	for _, v := range values {
		p := reflect.New(reflect.TypeOf(v))
		p.Elem().Set(reflect.ValueOf(v))
		wrapped := struct{ V any }{v}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			for _, x := range []any{v, p.Interface(), wrapped, []any{v}} {
				if text := fmt.Sprintf(verb, x); strings.Contains(text, secret) {
					t.Errorf("%s of %T shows the secret: %s", verb, x, text)
				}
			}
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).Info("x", "v", v)
		}
		if strings.Contains(log.String(), secret) {
			t.Errorf("a log shows the secret: %s", log.String())
		}
		if raw, err := json.Marshal(v); err != nil || !strings.Contains(string(raw), secret) {
			t.Errorf("JSON lost the secret: %s, %v", raw, err)
		}
	}
}
