package verdict

import (
	"regexp"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
)

// envelope is how oasdiff names the way through the envelope, which says nothing to a reader.
var envelope = regexp.MustCompile(`/?allOf\[[^\]]*\]/`)

// wireChanges is what oasdiff says, with a change of a shared schema told once for all operations of a service.
func wireChanges(from, to *Document) ([]Change, error) {
	config := diff.NewConfig(diff.WithExcludeElements([]string{
		diff.ExcludeExamplesOption, diff.ExcludeDescriptionOption, diff.ExcludeTitleOption, diff.ExcludeSummaryOption,
	}))
	d, sources, err := diff.GetWithOperationsSourcesMap(config, from.spec, to.spec)
	if err != nil {
		return nil, err
	}
	found := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), d, sources, checker.INFO)
	localizer := checker.NewDefaultLocalizer()
	var out []Change
	for _, f := range found {
		if f.GetId() == "api-version-not-bumped" {
			continue // the version of the document is that of the platform
		}
		c := Change{Text: sentence(f, localizer), Rule: f.GetId(), Service: webhooks}
		if o := operationOf(f, from, to); o != nil {
			c.Service, c.Operations = o.section(), []string{o.OperationID}
			if f.GetId() == endpointAdded || strings.HasPrefix(f.GetId(), "api-") && strings.Contains(f.GetId(), "removed") {
				c.Text = o.wire() + ": " + c.Text
			}
		}
		c.Kind, c.Level = judge(f)
		out = append(out, c)
	}
	return merge(out), nil
}

const (
	webhooks      = "Webhooks and components"
	endpointAdded = "endpoint-added" // a rule of oasdiff
)

func operationOf(f checker.Change, from, to *Document) *operation {
	key := strings.ToUpper(f.GetOperation()) + " " + f.GetPath()
	if o := to.operations[key]; o != nil {
		return o
	}
	return from.operations[key]
}

func sentence(f checker.Change, localizer checker.Localizer) string {
	text := strings.TrimSpace(f.GetUncolorizedText(localizer))
	return envelope.ReplaceAllString(text, "")
}

// judge turns oasdiff's levels into ours: an error breaks, a warning may, the rest is new or looser. What answers no longer
// hold, or hold in another form, breaks programs that are running, though oasdiff only warns of it.
func judge(f checker.Change) (Kind, Level) {
	id := f.GetId()
	lost := strings.HasPrefix(id, "response-") && (strings.HasSuffix(id, "property-removed") || strings.HasSuffix(id, "type-changed"))
	switch added := strings.Contains(id, "added") || strings.HasPrefix(id, "new-"); {
	case lost || f.GetLevel() == checker.ERR:
		return Wire, Major
	case added:
		return New, Minor
	case f.GetLevel() == checker.WARN:
		return Behaviour, Minor
	default:
		return Behaviour, Patch
	}
}

// merge joins changes of one service that say the same of several operations.
func merge(changes []Change) []Change {
	type key struct{ service, rule, text string }
	at := map[key]int{}
	var out []Change
	for _, c := range changes {
		k := key{c.Service, c.Rule, c.Text}
		i, seen := at[k]
		if !seen {
			at[k] = len(out)
			out = append(out, c)
			continue
		}
		out[i].Operations = append(out[i].Operations, c.Operations...)
	}
	for i := range out {
		slices.Sort(out[i].Operations)
		out[i].Operations = slices.Compact(out[i].Operations)
	}
	return out
}
