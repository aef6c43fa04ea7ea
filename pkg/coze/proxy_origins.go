package coze

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// proxyOrigins decides which pages may call the proxy from a browser.
type proxyOrigins struct {
	allowed []string
	same    *http.CrossOriginProtection // tells requests of other pages that carry no Origin
}

func newProxyOrigins(list []string) (*proxyOrigins, error) {
	o := &proxyOrigins{same: http.NewCrossOriginProtection()}
	for _, origin := range list {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return nil, fmt.Errorf("origin %q is not of the form https://host", origin)
		}
		if err := o.same.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
		o.allowed = append(o.allowed, strings.ToLower(origin))
	}
	return o, nil
}

var errOrigin = proxyRefusal(http.StatusForbidden, CodePermissionDenied, "the proxy does not serve pages of this origin")

// admit refuses pages of origins that are not listed, sets the CORS headers for those that are, and answers their preflights.
func (o *proxyOrigins) admit(w http.ResponseWriter, r *http.Request) (preflight bool, err error) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		if o.same.Check(r) != nil {
			return false, errOrigin
		}
		return false, nil
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !slices.Contains(o.allowed, strings.ToLower(origin)) {
		if !sameHost(origin, r.Host) {
			return false, errOrigin
		}
		return false, nil
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		h.Set("Access-Control-Expose-Headers", "Content-Disposition, Retry-After, X-Tt-Logid")
		return false, nil
	}
	h.Add("Vary", "Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked) // what they are for, the proxy drops
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true, nil
}

func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && host != "" && strings.EqualFold(u.Host, host)
}
