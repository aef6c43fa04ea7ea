package call

import (
	"errors"
	"slices"
	"strings"
)

// An Explanation is what the error catalogue knows about a refusal. The catalogue is api/errors.yaml.
type Explanation struct {
	Code      int      // numeric code, 0 for a code that is a word
	CodeText  string   // OAuth code such as "slow_down"
	Name      string   // short name, also that of the Code constant
	Category  Category // what errors.Is matches
	Meaning   string   // what the code says
	Causes    []string // likely causes, most likely first
	Remedy    string   // what to do
	Retryable bool     // repeating the same request later can work
	Source    string   // where the code was seen: docs, sdk, chat-sdk, coze-studio, community
}

// Explain tells what a refusal means, what likely caused it and what to do about it, for any error that wraps an [*Error].
// For a code that the catalogue does not have it answers by the HTTP status. The last result is false when err is no
// refusal of the server.
func Explain(err error) (Explanation, bool) {
	var e *Error
	if !errors.As(err, &e) {
		return Explanation{}, false
	}
	return e.explain(), true
}

func (e *Error) explain() Explanation {
	x, ok := lookup(e.Code, e.CodeText)
	if !ok {
		x = Explanation{Code: e.Code, CodeText: e.CodeText, Category: categoryOfStatus(e.HTTPStatus)}
		x.Remedy = remedyByCategory[x.Category]
	}
	x.Causes = slices.Clone(x.Causes)
	if e.Permission != "" && x.Category == ErrForbidden {
		x.Remedy = "The call needs the permission " + e.Permission + ". " + x.Remedy
	}
	if other := otherRegion(e.Host()); other != "" && e.doubtsToken() {
		x.Remedy = strings.TrimSpace(x.Remedy + " A token of " + other + " is not valid at " + e.Host() + ".")
	}
	return x
}

// doubtsToken tells a refusal that a token of the other region would meet too.
func (e *Error) doubtsToken() bool {
	switch e.Code {
	case CodeInvalidToken, CodePermissionDenied, CodeNotLoggedIn:
		return true
	case 0:
		return e.HTTPStatus == 401 || e.CodeText == OAuthInvalidClient
	}
	return false
}

var remedyByCategory = map[Category]string{
	ErrUnauthorized: "Check the access token.",
	ErrForbidden:    "Give the token the permission and the workspace.",
	ErrRateLimited:  "Send fewer requests a second and try again later.",
	ErrServer:       "Try again later; give Coze support the log id if it stays.",
	ErrTimeout:      "Try again later.",
}

// otherRegion names the hosted platform that host is not.
func otherRegion(host string) string {
	switch host {
	case "api.coze.cn":
		return "api.coze.com"
	case "api.coze.com":
		return "api.coze.cn"
	}
	return ""
}

// lookup finds a code in the generated catalogue: entries first, then blocks of codes.
func lookup(code int, text string) (Explanation, bool) {
	if text != "" {
		if x, ok := oauthCodes[text]; ok {
			x.CodeText = text
			return x, true
		}
	}
	if code == 0 {
		return Explanation{}, false
	}
	if x, ok := codes[code]; ok {
		x.Code = code
		return x, true
	}
	for _, r := range codeRanges {
		if r.from <= code && code <= r.to {
			x := r.Explanation
			x.Code = code
			return x, true
		}
	}
	return Explanation{}, false
}

type codeRange struct {
	from, to int
	Explanation
}
