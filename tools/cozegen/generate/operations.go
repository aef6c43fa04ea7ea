package generate

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed operations.tmpl
var operationsText string

var operationsTemplate = template.Must(template.New("operations").Parse(operationsText))

// socketRoute is where a websocket is reached, by its entry of x-coze-sockets.
type socketRoute struct{ ID, Path, Permission string }

// writeOperations generates the lists of operations and websockets, for what has to find them by name or by path.
func writeOperations(d *document, pkg string, out Files) error {
	v := struct {
		IDs     []string
		Sockets []socketRoute
	}{}
	for _, o := range d.ops {
		v.IDs = append(v.IDs, o.OperationID)
	}
	slices.Sort(v.IDs)
	all, _ := d.Extensions["x-coze-sockets"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		entry, _ := all[name].(map[string]any)
		var s socketRoute
		s.ID, _ = entry["operationId"].(string)
		s.Path, _ = entry["path"].(string)
		s.Permission, _ = entry["permission"].(string)
		if s.ID != "" && s.Path != "" {
			v.Sockets = append(v.Sockets, s)
		}
	}
	var b strings.Builder
	if err := operationsTemplate.Execute(&b, v); err != nil {
		return err
	}
	var err error
	out["operations"+suffix], err = format("operations"+suffix, pkg, b.String())
	return err
}
