package coze

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// oauthAppFile is coze_oauth_config.json, which the Coze console offers for download.
type oauthAppFile struct {
	ClientType   string `json:"client_type"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	PrivateKey   string `json:"private_key"`
	PublicKeyID  string `json:"public_key_id"`
	APIBase      string `json:"coze_api_base"`
	WebsiteBase  string `json:"coze_www_base"`
}

// LoadOAuthApp reads the file coze_oauth_config.json, which the Coze console offers for download, and returns an
// [OAuthWebApp], [OAuthPKCEApp], [OAuthDeviceApp] or [OAuthJWTApp], by its client_type. The file has no redirect address:
// set RedirectURL before NewOAuthWeb and NewOAuthPKCE. Their clients must be of the server that the file names.
func LoadOAuthApp(path string) (OAuthApp, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("coze: LoadOAuthApp: %w", err)
	}
	var f oauthAppFile
	if err := json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &f); err != nil {
		return nil, fmt.Errorf("coze: LoadOAuthApp: %s: %w", path, err)
	}
	if f.ClientID == "" {
		return nil, fmt.Errorf("coze: LoadOAuthApp: %s: client_id is missing", path)
	}
	switch {
	case f.ClientType == "web" || f.ClientType == "" && f.ClientSecret != "":
		return OAuthWebApp{ClientID: f.ClientID, ClientSecret: f.ClientSecret, BaseURL: f.APIBase, WebsiteURL: f.WebsiteBase}, nil
	case f.ClientType == "pkce":
		return OAuthPKCEApp{ClientID: f.ClientID, BaseURL: f.APIBase, WebsiteURL: f.WebsiteBase}, nil
	case f.ClientType == "device":
		return OAuthDeviceApp{ClientID: f.ClientID, BaseURL: f.APIBase}, nil
	case f.ClientType == "jwt" || f.ClientType == "" && f.PrivateKey != "":
		return OAuthJWTApp{ClientID: f.ClientID, PrivateKey: f.PrivateKey, PublicKeyID: f.PublicKeyID, BaseURL: f.APIBase}, nil
	}
	return nil, fmt.Errorf("coze: LoadOAuthApp: %s: client_type %q is none of web, pkce, device, jwt", path, f.ClientType)
}
