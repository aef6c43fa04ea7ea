package recording

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

const redacted = "[redacted]"

// direction tells requests from answers: a code is a secret of an OAuth request, and the verdict of an answer.
type direction int

const (
	inRequests direction = iota
	inAnswers
)

// What the document marks with x-coze-sensitive, in lower case and without _ and -; a test compares. Both lists hold token, the key
// to a room.
var (
	secretInRequests = []string{
		"code", "codeverifier", "codechallenge", "devicecode", "usercode", "authorizekey", "opensearchconfig", "refreshtoken", "token",
	}
	secretInAnswers = []string{"accesstoken", "devicecode", "usercode", "opensearchconfig", "refreshtoken", "token", "verifytoken"}
)

var (
	// secretName tells the usual names of secrets.
	secretName = regexp.MustCompile(`(password|passwd|secret|apikey|accesskey|privatekey|accesstoken|refreshtoken|sessiontoken|` +
		`securitytoken|roomtoken|credentials?|authorization|cookies?|assertion)$`)

	// secretText tells secrets wherever they stand: tokens of the platform, bearer tokens, JWTs, private keys.
	secretText = regexp.MustCompile(`\b(?:pat|sat|czu|czs|cztei|code)_[A-Za-z0-9_-]{6,}|(?i:\bbearer)\s+[A-Za-z0-9._~+/=-]{6,}|` +
		`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*|` +
		`-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

	// webAddress tells addresses with a query, also with & written as JSON and HTML do.
	webAddress = regexp.MustCompile(`\b(?:https?|wss?)://[^\s"'<>()\\?]+\?[^\s"'<>()]+`)

	// signedQuery tells a query that opens what the address stands for.
	signedQuery = regexp.MustCompile(`(?i)(^|[?&;]|u0026)(x-[a-z]+-(signature|credential|security-token|algorithm)|` +
		`x-signature|signature|sign|sig|auth_key|access_?key(_?id)?|ossaccesskeyid|token|access_token|code|authorization|policy|` +
		`lk3s|rk3s)=`)
)

// minSecret is how long a token must be to be searched for in all texts, in bytes.
const minSecret = 8

// redactor takes secrets out of what is recorded, and learns secrets while it does. It is safe for concurrent use.
type redactor struct {
	mu    sync.RWMutex
	known []string // the values of secrets that came
}

// learn remembers a secret, so that it is found wherever else it comes.
func (r *redactor) learn(secret string) {
	if len(secret) < minSecret || secret == redacted {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.known {
		if k == secret {
			return
		}
	}
	if len(r.known) < maxKnown {
		r.known = append(r.known, secret)
	}
}

// maxKnown bounds the secrets that are remembered.
const maxKnown = 1000

func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// secret tells whether the values of a field, a parameter or a header are secrets.
func (r *redactor) secret(name string, d direction) bool {
	list := secretInRequests
	if d == inAnswers {
		list = secretInAnswers
	}
	folded := fold(name)
	for _, s := range list {
		if folded == s {
			return true
		}
	}
	return secretName.MatchString(folded)
}

// text takes secrets out of any text.
func (r *redactor) text(s string) string {
	r.mu.RLock()
	for _, k := range r.known {
		s = strings.ReplaceAll(s, k, redacted)
	}
	r.mu.RUnlock()
	s = secretText.ReplaceAllString(s, redacted)
	return webAddress.ReplaceAllStringFunc(s, func(address string) string {
		at := strings.IndexByte(address, '?')
		if !signedQuery.MatchString(address[at:]) {
			return address
		}
		return address[:at+1] + "redacted"
	})
}

// header returns a copy without secrets.
func (r *redactor) header(h http.Header, d direction) http.Header {
	out := http.Header{}
	for name, values := range h {
		for _, v := range values {
			if _, token, ok := strings.Cut(v, " "); ok && strings.EqualFold(name, "Authorization") {
				r.learn(token)
			}
			if r.secret(name, d) || strings.EqualFold(name, "Proxy-Authenticate") || strings.EqualFold(name, "WWW-Authenticate") {
				v = redacted
			}
			out[name] = append(out[name], r.text(v))
		}
	}
	return out
}

// values takes secrets out of a query or a form.
func (r *redactor) values(v url.Values, d direction) {
	for name, list := range v {
		for i := range list {
			if r.secret(name, d) && list[i] != "" {
				r.learn(list[i])
				list[i] = redacted
			}
			list[i] = r.text(list[i])
		}
	}
}

// url is an address without secrets, its query in the order of its names.
func (r *redactor) url(u *url.URL) string {
	clean := *u
	clean.User, clean.Fragment, clean.RawFragment = nil, "", ""
	query := clean.Query()
	r.values(query, inRequests)
	clean.RawQuery = query.Encode()
	return clean.String()
}

// json takes secrets out of a JSON text, and keeps the order of its fields. It tells whether there were any.
func (r *redactor) json(text []byte, d direction) (clean json.RawMessage, changed bool, err error) {
	if !utf8.Valid(text) {
		text, changed = bytes.ToValidUTF8(text, []byte("\uFFFD")), true
	}
	w := jsonRedactor{redactor: r, direction: d, dec: json.NewDecoder(bytes.NewReader(text)), changed: changed}
	w.dec.UseNumber()
	if err := w.value(0); err != nil {
		return nil, false, err
	}
	if _, err := w.dec.Token(); err != io.EOF {
		return nil, false, errMoreJSON
	}
	return w.out.Bytes(), w.changed, nil
}
