package connect

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// EnvOAuthConfig names the file coze_oauth_config.json, which the console of the platform offers for download.
const EnvOAuthConfig = "COZE_OAUTH_CONFIG"

// OAuth is what the examples of OAuth begin with.
type OAuth[A coze.OAuthApp] struct {
	App    A                // of the file
	Client *coze.Client     // of the server of the app, without a token of its own
	Server *cozetest.Server // nil on the platform
}

// OpenOAuth reads the app from the file that COZE_OAUTH_CONFIG names. If that is not set, it starts a fake server, registers
// fake there, with a key that it makes, and reads the app from a file like that of the console.
func OpenOAuth[A coze.OAuthApp](fake cozetest.OAuthApp) (o OAuth[A], err error) {
	path := os.Getenv(EnvOAuthConfig)
	if path == "" {
		dir, err := os.MkdirTemp("", "cozekit")
		if err != nil {
			return o, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		path = filepath.Join(dir, "coze_oauth_config.json")
		if o.Server, err = fakePlatform(fake, path); err != nil {
			return o, err
		}
	}
	app, err := coze.LoadOAuthApp(path)
	if err == nil {
		var ok bool
		if o.App, ok = app.(A); !ok {
			err = fmt.Errorf("%s is of an app of another type: %T", path, app)
		}
	}
	if err == nil {
		o.Client, err = coze.NewClient(coze.WithBaseURL(cmp.Or(serverOf(app), coze.BaseURLCN)))
	}
	if err != nil {
		o.Close()
	}
	return o, err
}

// Close closes the fake server, if there is one.
func (o OAuth[A]) Close() {
	if o.Server != nil {
		_ = o.Server.Close()
	}
}

// EnvOr is the environment variable name, or fake on the fake server. On the platform it must be set.
func (o OAuth[A]) EnvOr(name, what, fake string) (string, error) {
	v := os.Getenv(name)
	if v == "" && o.Server == nil {
		return "", fmt.Errorf("set %s to %s", name, what)
	}
	return cmp.Or(v, fake), nil
}

func serverOf(app coze.OAuthApp) string {
	switch app := app.(type) {
	case coze.OAuthWebApp:
		return app.BaseURL
	case coze.OAuthPKCEApp:
		return app.BaseURL
	case coze.OAuthDeviceApp:
		return app.BaseURL
	case coze.OAuthJWTApp:
		return app.BaseURL
	}
	return ""
}

const publicKeyID = "fingerprint-of-the-public-key"

// fakePlatform starts a server with an app and writes the file of the app.
func fakePlatform(app cozetest.OAuthApp, path string) (*cozetest.Server, error) {
	config := map[string]string{"client_type": "jwt", "public_key_id": publicKeyID}
	if app.Kind == cozetest.OAuthWeb || app.Kind == cozetest.OAuthPKCE || app.Kind == cozetest.OAuthDevice {
		app.ClientID, app.ClientSecret = "1234567890.app.coze", "secret-"+rand.Text()
		config = map[string]string{"client_type": string(app.Kind), "client_secret": app.ClientSecret}
	} else {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		app.ClientID, app.PublicKeys = "1234567890", map[string]*rsa.PublicKey{publicKeyID: &key.PublicKey}
		config["private_key"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s is not set: a fake Coze server answers\n", EnvOAuthConfig)
	srv.OAuthApp(app)
	config["client_id"], config["coze_api_base"], config["coze_www_base"] = app.ClientID, srv.URL(), srv.URL()
	text, err := json.Marshal(config)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		_ = srv.Close()
		return nil, err
	}
	return srv, nil
}

// ListenForBrowser listens where the browser comes back to: at COZE_REDIRECT_URL, which must be registered with the app and
// be an address of this machine, or on a free port for the fake server.
func ListenForBrowser(ctx context.Context) (ln net.Listener, redirectURL string, err error) {
	redirectURL = os.Getenv("COZE_REDIRECT_URL")
	if redirectURL == "" && os.Getenv(EnvOAuthConfig) != "" {
		return nil, "", errors.New("set COZE_REDIRECT_URL to a redirect address of the app such as http://127.0.0.1:8080/callback")
	}
	u, err := url.Parse(cmp.Or(redirectURL, "http://127.0.0.1:0/callback"))
	if err != nil {
		return nil, "", err
	}
	ln, err = new(net.ListenConfig).Listen(ctx, "tcp", u.Host)
	if err != nil {
		return nil, "", err
	}
	return ln, cmp.Or(redirectURL, "http://"+ln.Addr().String()+u.Path), nil
}

// Renew makes a source get a new token. A program need not do that: sources renew their tokens before those expire, and when
// they are refused.
func Renew(ctx context.Context, source *coze.OAuthTokenSource) error {
	old, err := source.Token(ctx)
	if err != nil {
		return err
	}
	next, err := source.Refresh(ctx, old)
	if err != nil {
		return err
	}
	if next.Access == old.Access {
		return errors.New("the token is still the old one")
	}
	fmt.Println("a new token, good until", next.Expires.Format(time.DateTime))
	return nil
}

// Refused checks that something failed, and why.
func Refused(what string, err, why error) error {
	if err == nil {
		return fmt.Errorf("%s was not refused", what)
	}
	if !errors.Is(err, why) {
		return fmt.Errorf("%s: %w", what, err)
	}
	fmt.Printf("refused, as it should be, %s: %v\n", what, err)
	return nil
}
