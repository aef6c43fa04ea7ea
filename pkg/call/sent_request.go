package call

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// SentRequest is a request as it was sent, without its secrets: there is no access token in it, what the document marks as
// x-coze-sensitive is replaced by [redacted], and so are the values of headers that are not of the platform.
type SentRequest struct {
	Method string
	URL    string      // with the query
	Header http.Header // without Authorization
	Token  bool        // it had an access token
	Body   string      // the JSON body; "" if there was none
	Left   string      // what was left out in place of the body: another kind than JSON, or more than 16 KiB; else ""
}

// Curl is the request as a command for a POSIX shell, on one line. It takes the access token from $COZE_API_TOKEN, and what
// was redacted must be filled in by hand. Texts of the user and ids are part of it.
func (r *SentRequest) Curl() string {
	var b strings.Builder
	b.WriteString("curl -sS")
	if strings.Contains(r.Header.Get("Accept"), "event-stream") {
		b.WriteString(" -N")
	}
	if strings.ContainsAny(r.URL, "[]{}") {
		b.WriteString(" -g")
	}
	if r.Method != http.MethodGet || r.Body+r.Left != "" {
		b.WriteString(" -X ")
		b.WriteString(shellQuote(r.Method))
	}
	b.WriteByte(' ')
	b.WriteString(shellQuote(r.URL))
	if r.Token {
		b.WriteString(` -H "Authorization: Bearer $COZE_API_TOKEN"`)
	}
	for _, name := range sortedNames(r.Header) {
		for _, value := range r.Header[name] {
			b.WriteString(" -H ")
			b.WriteString(shellQuote(headerLine(name, value)))
		}
	}
	if body := r.Body + r.Left; body != "" {
		b.WriteString(" --data-raw ")
		b.WriteString(shellQuote(body))
	}
	return b.String()
}

// Format writes method and path only, so that errors which carry a request can be formatted without showing it.
func (r *SentRequest) Format(f fmt.State, _ rune) {
	where, _, _ := strings.Cut(r.URL, "?")
	_, _ = fmt.Fprint(f, r.Method, " ", where)
}

// headerLine is a header as curl takes it, for which an empty one ends in a semicolon.
func headerLine(name, value string) string {
	if value == "" {
		return name + ";"
	}
	return name + ": " + value
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// shellQuote makes one word of s for a POSIX shell.
func shellQuote(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./:@%+,", r)
	})
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// CurlOf returns the request behind err as a command to copy, see [SentRequest.Curl]; "" if err is no error of a call, or of
// one that was never prepared.
func CurlOf(err error) string {
	var sent interface{ SentRequest() *SentRequest }
	if errors.As(err, &sent) {
		if r := sent.SentRequest(); r != nil {
			return r.Curl()
		}
	}
	return ""
}
