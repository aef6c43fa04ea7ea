package rules

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var operationRules = []Rule{
	{
		Name:   "operation-id",
		Reason: "An operationId is a verb and a noun, and unique: it names the request type and stands in every error text.",
		check:  checkOperationIDs,
	},
	{
		Name:   "service-method",
		Reason: "x-coze-service and x-coze-method become Go names; two with one name in a service do not compile.",
		check:  checkServiceMethods,
	},
	{
		Name:   "summary",
		Reason: "A summary follows the name of the method in its comment: third person, lower case after that, no period of its own.",
		check:  checkSummaries,
	},
}

// verbs begin an operationId. A new one is added here on purpose, so that two words for one thing are noticed.
var verbs = []string{
	"Add", "Authorize", "Batch", "Bind", "Call", "Cancel", "Chat", "Clear", "Clone", "Create", "Delete", "Duplicate", "Get", "Identify",
	"Install", "List", "Publish", "Remove", "Resume", "Retrieve", "Run", "Search", "Set", "Stream", "Submit", "Subscribe", "Unbind",
	"Uninstall", "Unpublish", "Unsubscribe", "Update", "Upload",
	"Reference", // the two calls of the API reference document v1.0.0
}

var (
	operationID = regexp.MustCompile(`^([A-Z][a-z]+)[A-Z][A-Za-z0-9]*$`)
	webhookID   = regexp.MustCompile(`^Webhook[A-Z][A-Za-z0-9]*$`)
	exported    = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	servicePath = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)*$`)
	thirdPerson = regexp.MustCompile(`^[A-Z][a-z]*[a-rt-z]s( |$)`)
)

func checkOperationIDs(d *Document, report reporter) {
	seen := map[string]bool{}
	for _, o := range d.all() {
		at := keyOf(o.node, "operationId")
		m := operationID.FindStringSubmatch(o.id)
		switch {
		case o.id == "":
			report(o.key, "%s has no operationId", o)
		case seen[o.id]:
			report(at, "%s is used twice", o.id)
		case slices.Contains(d.hooks, o):
			if !webhookID.MatchString(o.id) {
				report(at, "%s: the operationId of a webhook is Webhook and a noun", o.id)
			}
		case m == nil:
			report(at, "%s is not a verb and a noun in CamelCase", o.id)
		case !slices.Contains(verbs, m[1]):
			report(at, "%s does not begin with a known verb; if %s is a good one, add it to the list in speclint", o.id, m[1])
		}
		seen[o.id] = true
	}
}

func checkServiceMethods(d *Document, report reporter) {
	taken := map[string]string{}
	for _, o := range d.Operations {
		for path := o.service(); strings.Contains(path, "."); path = path[:strings.LastIndexByte(path, '.')] {
			taken[path] = "the service " + path
		}
	}
	for _, o := range d.Operations {
		if !servicePath.MatchString(o.service()) {
			report(keyOf(o.node, "x-coze-service"), "%s: x-coze-service %q is not a path of exported Go names", o, o.service())
			continue
		}
		for _, name := range goMethods(o) {
			at := keyOf(o.node, "x-coze-method")
			if !exported.MatchString(name) {
				report(at, "%s: method %q is not an exported Go name", o, name)
				continue
			}
			full := o.service() + "." + name
			if other := taken[full]; other != "" {
				report(at, "%s: method %s is taken by %s", o, full, other)
			}
			taken[full] = o.String()
		}
		first, _, _ := strings.Cut(o.service(), ".")
		if tags := texts(get(o.node, "tags")); !slices.Equal(tags, []string{first}) {
			report(keyOf(o.node, "tags"), "%s: tags are %v, and must be [%s] after x-coze-service", o, tags, first)
		}
	}
}

// goMethods names the methods that an operation becomes: itself, its stream and its walk over all pages.
func goMethods(o *operation) []string {
	out := []string{o.goMethod()}
	if sse := get(o.node, "x-coze-sse"); get(sse, "switch") != nil {
		out = append(out, text(sse, "method"))
	}
	if get(o.node, "x-coze-paging") != nil {
		out = append(out, "All"+strings.TrimPrefix(o.goMethod(), "List"))
	}
	return out
}

func checkSummaries(d *Document, report reporter) {
	for _, o := range d.all() {
		s, at := get(o.node, "summary"), keyOf(o.node, "summary")
		switch {
		case s == nil || s.Kind != yaml.ScalarNode || s.Value == "":
			report(at, "%s has no summary", o)
		case strings.HasSuffix(s.Value, "."):
			report(at, "%s: the summary ends with a period", o)
		case strings.Contains(s.Value, "\n"):
			report(at, "%s: the summary has more than one line", o)
		case slices.Contains(d.Operations, o) && !thirdPerson.MatchString(s.Value):
			report(at, "%s: the summary %q does not begin with a verb in the third person", o, s.Value)
		}
	}
}
