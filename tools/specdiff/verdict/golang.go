package verdict

import (
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
)

// goChanges is what apidiff says of every public package.
func goChanges(from, to Packages, names map[string]string) []Change {
	var out []Change
	said := map[string]bool{} // of packages that package coze re-exports
	reach := reachable(names, from[apiPath], to[apiPath])
	all := maps.Clone(from)
	maps.Copy(all, to)
	for _, p := range slices.Sorted(maps.Keys(all)) { // gen/cozeapi and pkg/call come before pkg/coze
		name := path.Base(p)
		service := "package " + name
		switch a, b := from[p], to[p]; {
		case b == nil:
			out = append(out, Change{Kind: Go, Level: Major, Service: service, Name: name, Text: "package removed", Rule: apidiffRule})
		case a == nil:
			out = append(out, Change{Kind: New, Level: Minor, Service: service, Name: name, Text: "package added", Rule: apidiffRule})
		default:
			for _, c := range packageChanges(a, b, said) {
				object := c.Name
				c.Service, c.Name = service, name+"."+object
				if p == apiPath {
					c.Service, c.Name = reach.section(object), goName(object, names)
				}
				out = append(out, c)
			}
		}
	}
	return out
}

const apidiffRule = "apidiff"

// packageChanges compares two states of a package. What was said of another package already is left out: package coze has
// aliases of its types, and embeds its services.
func packageChanges(from, to *types.Package, said map[string]bool) []Change {
	var out []Change
	for _, change := range apidiff.Changes(from, to).Changes {
		object, text, _ := strings.Cut(change.Message, ": ")
		embedded := strings.HasPrefix(object, module) && strings.Contains(object, ", method set of ")
		if said[change.Message] || embedded || object == "NewServices" { // which only internal packages can call
			continue
		}
		said[change.Message] = true
		c := Change{Kind: Go, Level: Major, Rule: apidiffRule, Name: object, Text: short(text), declares: declares(to, object)}
		if change.Compatible {
			c.Kind, c.Level = New, Minor
		}
		out = append(out, c)
	}
	return out
}

// short takes the paths from the names of our packages, and the types from what every method has.
func short(text string) string {
	text = strings.NewReplacer(module+"/pkg/", "", module+"/gen/", "", module+"/internal/", "").Replace(text)
	return strings.NewReplacer("(context.Context", "(ctx", "...call.Option)", "opts...)").Replace(text)
}

// receiver splits apidiff's name of an object: "(*BotsService).Get" and "Bot.Name" into the type and the rest.
func receiver(object string) (typeName, member string) {
	object = strings.TrimPrefix(strings.ReplaceAll(object, ")", ""), "(")
	typeName, member, _ = strings.Cut(strings.TrimPrefix(object, "*"), ".")
	return typeName, member
}

// goName is how programs write an object of gen/cozeapi: package coze re-exports everything but the services.
func goName(object string, names map[string]string) string {
	typeName, member := receiver(object)
	service := names[typeName]
	switch {
	case typeName == "Services" && member != "":
		return "client." + member
	case service != "" && member != "":
		return "client." + service + "." + member
	case service != "":
		return "cozeapi." + typeName
	case member != "":
		return "coze." + typeName + "." + member
	default:
		return "coze." + typeName
	}
}

func declares(p *types.Package, object string) string {
	typeName, member := receiver(object)
	switch {
	case member != "" && strings.HasPrefix(object, "("):
		return "method"
	case member != "":
		return "field"
	}
	switch p.Scope().Lookup(typeName).(type) {
	case *types.TypeName:
		return "type"
	case *types.Const:
		return "const"
	default:
		return ""
	}
}
