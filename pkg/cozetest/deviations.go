package cozetest

import (
	"net/http"
	"slices"
	"strings"
)

// Deviation is a way in which an SDK of the vendor strays from the documentation. The platform takes it, and so does the fake: it is
// no [Violation], but counted. A test that wants none checks that [Server.Deviations] is empty.
type Deviation struct {
	Operation string // operationId; empty for any
	Pointer   string // where, as in Violation; /method for the HTTP method
	Rule      string // as in Violation; besides, method for another one, null for a field that is null, twice for what is sent twice
	What      string // for a person
	SDK       string // which SDKs do that
	Count     int    // how many requests did
}

// Rules that only deviations have.
const (
	ruleMethod = "method"
	ruleNull   = "null"
	ruleTwice  = "twice"
)

const node, python, java, goSDK = "Node 1.3.9", "Python 0.20.0", "Java 0.4.2", "Go 0.1.0"

// knownDeviations is the table of those that the fake takes, each seen in the source of an SDK. What the Node SDK does is
// exercised by interop/.
var knownDeviations = []Deviation{
	{Operation: "RetrieveChat", Pointer: "/method", Rule: ruleMethod, What: "POST for GET", SDK: node + ", " + python},
	{Operation: "RetrieveMessage", Pointer: "/method", Rule: ruleMethod, What: "POST for GET", SDK: java},
	{Operation: "SubmitToolOutputs", Pointer: "/body/auto_save_history", Rule: "unknown", What: "a field of CreateChat", SDK: node},
	{Operation: "ListMessages", Pointer: "/body", Rule: "required", What: "no body for no options", SDK: node},
	{Operation: "ListDocuments", Pointer: "/body/page_size", Rule: "unknown", What: "page_size for size, which has no effect", SDK: node},
	{
		Operation: "GetDocumentProgress", Pointer: "/header/Agw-Js-Conv", Rule: "required", What: "no header Agw-Js-Conv",
		SDK: node + ", " + python + ", " + java + ", " + goSDK,
	},
	{Operation: "AuthorizeOAuth", Pointer: "/query/state", Rule: "empty", What: "an empty state for none", SDK: node},
	{Operation: "AuthorizeOAuthForWorkspace", Pointer: "/query/state", Rule: "empty", What: "an empty state for none", SDK: node},
	{Pointer: "/query/authorization", Rule: ruleTwice, What: "the token of a websocket in the URL too", SDK: node},
	{Pointer: "/body", Rule: ruleNull, What: "null for a field without a value; see AllowNullFields", SDK: python + ", " + goSDK},
}

// Deviations returns the deviations that requests had so far, in the order of the table.
func (s *Server) Deviations() []Deviation {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	found := []Deviation{}
	for i, d := range knownDeviations {
		if d.Count = s.journal.deviations[i]; d.Count > 0 {
			found = append(found, d)
		}
	}
	return found
}

// deviates tells whether what the request breaks is a known deviation, and counts it then.
func (x *exchange) deviates(pointer, rule string) bool {
	i := slices.IndexFunc(knownDeviations, func(d Deviation) bool {
		return d.Pointer == pointer && d.Rule == rule && (d.Operation == "" || d.Operation == x.op.id)
	})
	if i < 0 {
		return false
	}
	x.srv.journal.mu.Lock()
	defer x.srv.journal.mu.Unlock()
	if x.srv.journal.deviations == nil {
		x.srv.journal.deviations = map[int]int{}
	}
	x.srv.journal.deviations[i]++
	return true
}

// acceptDeviations serves operations by the other method that SDKs use for them.
func (d *document) acceptDeviations() {
	for _, k := range knownDeviations {
		if o := d.operations[k.Operation]; o != nil && k.Rule == ruleMethod {
			d.routes.add(o.template, http.MethodPost, o)
		}
	}
}

// withoutDeviations takes known deviations out of a body, which is changed, and counts them.
func (x *exchange) withoutDeviations(body any) any {
	if x.srv.cfg.nullFields && hasNull(body) {
		x.deviates("/body", ruleNull)
		body = withoutNulls(body)
	}
	fields, _ := body.(map[string]any)
	for _, d := range knownDeviations {
		name, inBody := strings.CutPrefix(d.Pointer, "/body/")
		if _, sent := fields[name]; sent && inBody && d.Operation == x.op.id && x.deviates(d.Pointer, d.Rule) {
			delete(fields, name)
		}
	}
	return body
}

// hasNull tells whether a field of an object is null, at any depth.
func hasNull(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if e == nil || hasNull(e) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasNull)
	}
	return false
}
