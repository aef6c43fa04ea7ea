// Package gate has what the HTTP handlers of this module share: which pages may call them, how often, and refusals in the form
// of the platform.
package gate

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// Origins decides which pages may call a handler from a browser. It is safe for concurrent use.
type Origins struct {
	allowed []string
	same    *http.CrossOriginProtection // tells requests of other pages that carry no Origin
}

// NewOrigins allows pages of the handler's own host, and of the origins in list, such as https://shop.example.
func NewOrigins(list []string) (*Origins, error) {
	o := &Origins{same: http.NewCrossOriginProtection()}
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

// Admit refuses pages of origins that are not listed, sets the CORS headers for those that are, and answers their preflights:
// then nothing is left to do.
func (o *Origins) Admit(w http.ResponseWriter, r *http.Request) (preflight bool, err error) {
	refused := Refuse(http.StatusForbidden, call.CodePermissionDenied, "pages of this origin are not served")
	origin := r.Header.Get("Origin")
	if origin == "" {
		if o.same.Check(r) != nil {
			return false, refused
		}
		return false, nil
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !slices.Contains(o.allowed, strings.ToLower(origin)) {
		if !sameHost(origin, r.Host) {
			return false, refused
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
