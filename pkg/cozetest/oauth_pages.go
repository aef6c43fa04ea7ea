package cozetest

import (
	"html/template"
	"net/http"
	"strings"
)

// Paths of the pages for browsers, which the document does not have.
const (
	consentPath = "/oauth/consent"
	devicePath  = "/oauth/device"
)

// pages are the pages for browsers, by path. They answer GET with a form and POST with what came of it.
var pages = map[string]func(*exchange){
	consentPath: (*exchange).consentPage,
	devicePath:  (*exchange).devicePage,
}

// browserPage serves a page, if the request is for one. The bodies of forms hold keys and are not recorded.
func (x *exchange) browserPage() bool {
	serve := pages[x.r.URL.Path]
	if serve == nil || x.r.Method != http.MethodGet && x.r.Method != http.MethodPost {
		return false
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, 1<<20)
	if err := x.r.ParseForm(); err != nil {
		x.showPage(http.StatusBadRequest, htmlPage{Title: "The form cannot be read"})
		return true
	}
	x.srv.state.mu.Lock()
	defer x.srv.state.mu.Unlock()
	serve(x)
	return true
}

// htmlPage is a page with a title and a text, and a form if it has an action.
type htmlPage struct {
	Title     string
	Text      string
	Action    string
	Key       string // of the consent
	AskCode   bool   // for the user code
	Code      string
	UserID    string
	ClientID  string
	Workspace string
	Scopes    []string
}

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 32em; margin: 3em auto; padding: 0 1em">
<h1>{{.Title}}</h1>
{{with .Text}}<p>{{.}}</p>
{{end}}{{with .ClientID}}<p>App: <b>{{.}}</b></p>
{{end}}{{with .Workspace}}<p>Only in workspace {{.}}</p>
{{end}}{{with .Scopes}}<p>Permissions:</p>
<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{if .Action}}<form method="post" action="{{.Action}}">
{{with .Key}}<input type="hidden" name="authorize_key" value="{{.}}">
{{end}}{{if .AskCode}}<p><label>Code on the device <input name="user_code" value="{{.Code}}" autocomplete="off"></label></p>
{{end}}<p><label>Signed in as user <input name="user_id" value="{{.UserID}}"></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form>
{{end}}<p><small>This is a fake of the Coze open platform.</small></p>
</body>
</html>
`))

func (x *exchange) showPage(status int, p htmlPage) {
	var text strings.Builder
	if err := pageTemplate.Execute(&text, p); err != nil {
		panic(err) // of our own template
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address holds a key
	x.finish(status)
	_, _ = x.w.Write([]byte(text.String()))
}

// decision is what the user chose in a form, and who that is. It answers when the form is not complete.
func (x *exchange) decision(workspaceID string) (allow bool, userID string, ok bool) {
	userID = x.r.PostForm.Get("user_id")
	if userID == "" {
		userID = DefaultUserID
	}
	choice := x.r.PostForm.Get("decision")
	w := x.srv.state.workspace(workspaceID)
	switch {
	case choice != "allow" && choice != "deny":
		x.showPage(http.StatusBadRequest, htmlPage{Title: "Allow or deny?", Text: "The form has no decision."})
	case !isNumber(userID):
		x.showPage(http.StatusBadRequest, htmlPage{Title: "Unknown user", Text: "A user id consists of digits."})
	case workspaceID != "" && w.members.find(userID) == nil:
		x.showPage(http.StatusForbidden, htmlPage{Title: "Not allowed", Text: "The user is no member of the workspace."})
	default:
		return choice == "allow", userID, true
	}
	return false, "", false
}

// consentPage asks the user whether an app may act for it, and sends the browser back to the app.
func (x *exchange) consentPage() {
	key := x.r.Form.Get("authorize_key")
	a := x.srv.state.oauth.consents[key]
	if a == nil || a.expired(x.srv.cfg.clock()) {
		x.showPage(http.StatusNotFound, htmlPage{Title: "This request has expired", Text: "Start again from the app."})
		return
	}
	if x.r.Method == http.MethodGet {
		x.showPage(http.StatusOK, htmlPage{
			Title: "Authorize an app", Action: consentPath, Key: key, UserID: DefaultUserID,
			ClientID: a.clientID, Workspace: a.workspaceID, Scopes: x.srv.state.oauth.apps[a.clientID].Scopes,
		})
		return
	}
	if allow, userID, ok := x.decision(a.workspaceID); ok {
		x.redirect(x.decide(key, a, allow, userID))
	}
}

// devicePage takes the code that a device shows, and asks the user whether it may act for it.
func (x *exchange) devicePage() {
	form := htmlPage{
		Title: "Connect a device", Action: devicePath, AskCode: true, Code: x.r.Form.Get("user_code"), UserID: DefaultUserID,
	}
	if x.r.Method == http.MethodGet {
		x.showPage(http.StatusOK, form)
		return
	}
	d := x.srv.state.deviceByUserCode(form.Code)
	if d == nil || d.decided || d.expired(x.srv.cfg.clock()) {
		form.Text = "There is no device with this code, or it has expired."
		x.showPage(http.StatusNotFound, form)
		return
	}
	allow, userID, ok := x.decision(d.workspaceID)
	if !ok {
		return
	}
	d.decided, d.allowed = true, allow
	d.identity = x.srv.state.oauth.apps[d.clientID].identity(userID, d.workspaceID)
	done := htmlPage{Title: "The device is connected", Text: "Go back to it."}
	if !allow {
		done = htmlPage{Title: "The device is refused", Text: "It gets no access."}
	}
	x.showPage(http.StatusOK, done)
}
