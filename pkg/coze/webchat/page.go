package webchat

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Page is the page at the root of a [Handler].
type Page struct {
	Title string // default "Chat"
	Lang  string // of the page and of the widget, such as zh-CN; default en

	// Attributes are further attributes of the element coze-chat, such as conversations or feedback; the value may be empty.
	Attributes map[string]string

	// FrameAncestors are the pages that may show the page in a frame, such as https://shop.example; default none but the own host.
	FrameAncestors []string
}

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle []byte

var pageTemplate = template.Must(template.New("page").Parse(pageText))

type attribute struct {
	Name  template.HTMLAttr
	Value string
}

var (
	attributeName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	language      = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// reserved are attributes that the page sets itself, and those that would run code.
func reserved(name string) bool {
	return name == "api-base" || name == "inline" || name == "style" || strings.HasPrefix(name, "on")
}

// render makes the page.
func (p Page) render(own map[string]string, script version) ([]byte, error) {
	lang := cmp.Or(p.Lang, "en")
	if !language.MatchString(lang) {
		return nil, fmt.Errorf("%q is no language", lang)
	}
	all := maps.Clone(own)
	maps.Copy(all, p.Attributes)
	var list []attribute
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !attributeName.MatchString(name) || reserved(name) {
			return nil, fmt.Errorf("attribute %q is not allowed", name)
		}
		list = append(list, attribute{template.HTMLAttr(name), all[name]}) //nolint:gosec // it is a word of small letters
	}
	noScript := "This chat needs JavaScript."
	if strings.HasPrefix(lang, "zh") {
		noScript = "此聊天需要启用 JavaScript。"
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, map[string]any{
		"Title": cmp.Or(p.Title, "Chat"), "Lang": lang, "Attributes": list, "NoScript": noScript,
		"ScriptVersion": string(script), "StyleVersion": string(versionOf(pageStyle)),
	})
	return b.Bytes(), err
}

// ownTypes are the Trusted Types that the widget of this module needs.
const ownTypes = "; require-trusted-types-for 'script'; trusted-types coze-chat"

// policy is the Content-Security-Policy of the page: nothing inline, nothing of other hosts but pictures and sound.
func (p Page) policy() (string, error) {
	ancestors := "'self'"
	for _, a := range p.FrameAncestors {
		u, err := url.Parse(a)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != a ||
			strings.ContainsAny(a, " ;,'\"*") {
			return "", errors.New("FrameAncestors are of the form https://host")
		}
		ancestors += " " + a
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data: blob:; " +
		"media-src 'self' https: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors " + ancestors, nil
}

// version is the beginning of the hash of a file.
type version string

func versionOf(b []byte) version {
	sum := sha256.Sum256(b)
	return version(hex.EncodeToString(sum[:8]))
}

// serveFile serves a file that does not change: for ever under an address with its version, else for as long as it is the same.
func serveFile(kind string, b []byte) http.HandlerFunc {
	v := string(versionOf(b))
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", `"`+v+`"`)
		h.Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == v {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		http.ServeContent(w, r, "", startOfTime, bytes.NewReader(b))
	}
}
