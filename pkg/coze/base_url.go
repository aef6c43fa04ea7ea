package coze

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// The hosted platforms. Accounts, tokens, bots and ids of one mean nothing to the other.
const (
	BaseURLCN  = "https://api.coze.cn"  // 扣子, for accounts of coze.cn
	BaseURLCom = "https://api.coze.com" // for accounts of coze.com
)

// versionedPath is a path of an operation that was left in a base URL.
var versionedPath = regexp.MustCompile(`(?i)/(open_api|v[0-9]+|api/permission)(/|$)`)

// parseBaseURL checks the URL of a server and tells what would be right.
func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errNoServer
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("base URL %q is not of the form https://host: use %s or %s", redactURL(raw), BaseURLCN, BaseURLCom)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("base URL of host %s: leave out user, query and fragment", u.Host)
	}
	if right := apiHost(u.Hostname()); right != "" {
		return nil, fmt.Errorf("base URL %s is that of the website: use %s", raw, right)
	}
	if m := versionedPath.FindStringIndex(u.Path); m != nil {
		u.Path, u.RawPath = u.Path[:m[0]], ""
		return nil, fmt.Errorf("base URL %s has the path of an operation: use %s", raw, strings.TrimSuffix(u.String(), "/"))
	}
	if u.Scheme == "http" && !plainHTTP && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("base URL %s would send the token readable over the network: use https, or WithPlainHTTP", raw)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// apiHost is the base URL that was meant by a host of the website.
func apiHost(host string) string {
	switch strings.ToLower(host) {
	case "coze.cn", "www.coze.cn", "code.coze.cn", "space.coze.cn":
		return BaseURLCN
	case "coze.com", "www.coze.com", "space.coze.com":
		return BaseURLCom
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") || ip != nil && ip.IsLoopback()
}

// redactURL keeps a URL that could not be read from showing credentials.
func redactURL(raw string) string {
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "..." + raw[i:]
	}
	return raw
}
