package coze

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/internal/transport"
)

// ProxyRoute is something that a proxy may let through. It is one of
//
//   - a group: [ProxyChat], [ProxyConversations], [ProxyWorkflows], [ProxyFiles], [ProxyVoice], [ProxyWidget],
//   - the id of an operation of the document, which the comment of its method does not say but errors do: CreateChat,
//     RetrieveBot, or ConnectChatSocket for a websocket,
//   - method and path of an endpoint that the document does not know: "GET /v1/apps/{app_id}".
//
// A value in braces stands for one element of a path: letters, digits, "-", "_" and ".".
type ProxyRoute string

// Groups of operations.
const (
	ProxyChat          ProxyRoute = "group chat"          // chats: start and stream, read, hand in tool outputs, cancel
	ProxyConversations ProxyRoute = "group conversations" // conversations, their messages and feedback: read and write
	ProxyWorkflows     ProxyRoute = "group workflows"     // run and resume workflows and chatflows, read the runs
	ProxyFiles         ProxyRoute = "group files"         // upload files, read what is known of them
	ProxyVoice         ProxyRoute = "group voice"         // speech, transcription, the list of voices; the websockets
	ProxyWidget        ProxyRoute = "group widget"        // what the vendor's chat widget asks for
)

func proxyGroup(r ProxyRoute) []ProxyRoute {
	switch r {
	case ProxyChat:
		return []ProxyRoute{"CreateChat", "RetrieveChat", "ListChatMessages", "SubmitToolOutputs", "CancelChat"}
	case ProxyConversations:
		return []ProxyRoute{
			"CreateConversation", "RetrieveConversation", "ListConversations", "UpdateConversation", "DeleteConversation",
			"ClearConversation", "CreateMessage", "ListMessages", "RetrieveMessage", "UpdateMessage", "DeleteMessage",
			"CreateMessageFeedback", "DeleteMessageFeedback",
		}
	case ProxyWorkflows:
		return []ProxyRoute{
			"RunWorkflow", "StreamRunWorkflow", "StreamResumeWorkflow", "ResumeWorkflow", "ChatWorkflow",
			"CreateWorkflowConversation", "GetWorkflowRunHistory",
		}
	case ProxyFiles:
		return []ProxyRoute{"UploadFile", "RetrieveFile"}
	case ProxyVoice:
		return []ProxyRoute{
			"CreateSpeech", "CreateTranscription", "ListVoices", "ConnectChatSocket", "ConnectSpeechSocket",
			"ConnectTranscriptionsSocket", "ConnectSimultInterpretationSocket",
		}
	case ProxyWidget:
		return []ProxyRoute{
			"RetrieveBot", "GET /v1/apps/{app_id}", "GetWorkflow", "ListConversations", "CreateConversation",
			"CreateWorkflowConversation", "UpdateConversation", "DeleteConversation", "ListMessages", "DeleteMessage",
			"ClearConversation", "CreateChat", "CancelChat", "ChatWorkflow", "UploadFile", "CreateTranscription", "CreateSpeech",
			"CreateMessageFeedback", "DeleteMessageFeedback",
		}
	}
	return []ProxyRoute{r}
}

// proxyTarget is an operation that a path can lead to.
type proxyTarget struct {
	op      transport.Op
	other   string   // method that SDKs of the vendor send in place of that of op
	pattern []string // elements of the path; a value in braces is "{name}"
	socket  bool
	allowed bool
}

// proxyRoutes knows every operation of the document, not only what is allowed: plugins/mget must not pass as the plugin of the
// id mget.
type proxyRoutes struct{ targets []*proxyTarget }

func newProxyRoutes(allow []ProxyRoute) (*proxyRoutes, error) {
	p := &proxyRoutes{}
	for _, op := range cozeapi.Operations() {
		p.add(*op, false)
	}
	for _, op := range cozeapi.Sockets() {
		p.add(*op, true)
	}
	for _, group := range allow {
		for _, r := range proxyGroup(group) {
			if err := p.allow(r); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *proxyRoutes) add(op transport.Op, socket bool) *proxyTarget {
	t := &proxyTarget{op: op, pattern: strings.Split(op.Path[1:], "/"), socket: socket}
	if op.ID == "RetrieveChat" || op.ID == "RetrieveMessage" {
		t.other = http.MethodPost
	}
	p.targets = append(p.targets, t)
	return t
}

func (p *proxyRoutes) allow(r ProxyRoute) error {
	for _, t := range p.targets {
		if t.op.ID != string(r) {
			continue
		}
		if t.op.NoAuth || strings.HasPrefix(t.op.Path, "/api/permission/") {
			return fmt.Errorf("operation %s is part of a login, not for a proxy", r)
		}
		t.allowed = true
		return nil
	}
	method, path, ok := strings.Cut(string(r), " ")
	if !ok {
		return fmt.Errorf("the document has no operation %q", r)
	}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		return fmt.Errorf("route %q does not begin with GET, POST, PUT, PATCH or DELETE", r)
	}
	return p.allowPattern(string(r), method, path)
}

func (p *proxyRoutes) allowPattern(id, method, path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/api/permission/") {
		return fmt.Errorf("route %q: the path is not one for a proxy", id)
	}
	op := transport.Op{ID: id, Method: method, Path: path, Retry: transport.RetryNever}
	if method == http.MethodGet {
		op.Retry = transport.RetrySafe
	}
	pattern := strings.Split(path[1:], "/")
	for _, element := range pattern {
		name, ok := pathValueName(element)
		if ok && !isPathValue(name) || !ok && !isPathValue(element) {
			return fmt.Errorf("route %q: element %q of the path is not allowed", id, element)
		}
	}
	for _, t := range p.targets {
		if !t.socket && t.op.Method == method && slices.EqualFunc(t.pattern, pattern, sameElement) {
			t.allowed = true // the document does know it
			return nil
		}
	}
	p.add(op, false).allowed = true
	return nil
}

func sameElement(a, b string) bool {
	_, aIsValue := pathValueName(a)
	_, bIsValue := pathValueName(b)
	return a == b || aIsValue && bIsValue
}

func pathValueName(element string) (string, bool) {
	if len(element) > 2 && element[0] == '{' && element[len(element)-1] == '}' {
		return element[1 : len(element)-1], true
	}
	return "", false
}

// maxPathValue is more than any id of the platform has.
const maxPathValue = 128

// isPathValue tells ids and literal elements, which need no escapes, from all that could be read in two ways.
func isPathValue(s string) bool {
	if s == "" || s == "." || s == ".." || len(s) > maxPathValue {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// find returns the operation that a request is for, which must be allowed, and the values in its path.
func (p *proxyRoutes) find(r *http.Request) (*proxyTarget, map[string]string, error) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/")
	elements := strings.Split(path, "/")
	for _, element := range elements {
		ok = ok && isPathValue(element)
	}
	upgrade := isUpgrade(r)
	var best *proxyTarget
	for _, t := range p.targets {
		if ok && t.socket == upgrade && t.takes(r.Method) && t.matches(elements) && (best == nil || t.before(best)) {
			best = t
		}
	}
	if best == nil || !best.allowed {
		return nil, nil, gate.Refuse(http.StatusForbidden, CodePermissionDenied, "the proxy does not offer this operation")
	}
	values := map[string]string{}
	for i, element := range best.pattern {
		if name, ok := pathValueName(element); ok {
			values[name] = elements[i]
		}
	}
	return best, values, nil
}

func (t *proxyTarget) takes(method string) bool {
	return method == t.op.Method || method == t.other && method != ""
}

func (t *proxyTarget) matches(elements []string) bool {
	return slices.EqualFunc(t.pattern, elements, func(pattern, element string) bool {
		_, isValue := pathValueName(pattern)
		return isValue || pattern == element
	})
}

// before tells whether t is more exact than other: the first literal element decides.
func (t *proxyTarget) before(other *proxyTarget) bool {
	for i, element := range t.pattern {
		_, isValue := pathValueName(element)
		_, otherIsValue := pathValueName(other.pattern[i])
		if isValue != otherIsValue {
			return otherIsValue
		}
	}
	return false
}

func isUpgrade(r *http.Request) bool {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return false
	}
	for token := range strings.SplitSeq(strings.Join(r.Header["Connection"], ","), ",") {
		if strings.EqualFold(strings.TrimSpace(token), "Upgrade") {
			return true
		}
	}
	return false
}
