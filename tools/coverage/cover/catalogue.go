package cover

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// catalogue is api/catalogue.yaml; its head says what the keys mean.
type catalogue struct {
	Sections []struct {
		Section string      `yaml:"section"`
		Entries []yaml.Node `yaml:"entries"`
	} `yaml:"sections"`
	Outside []struct {
		Operation string `yaml:"operation"`
		Reason    string `yaml:"reason"`
	} `yaml:"outside"`
}

type entry struct {
	Title      string    `yaml:"title"`
	Operations []string  `yaml:"operations"`
	Webhook    string    `yaml:"webhook"`
	Socket     string    `yaml:"socket"`
	Events     *events   `yaml:"events"`
	Objects    []string  `yaml:"objects"`
	Errors     yaml.Node `yaml:"errors"`
	Guide      string    `yaml:"guide"`
	Elsewhere  string    `yaml:"elsewhere"`
}

type events struct {
	Channel string   `yaml:"channel"`
	From    []string `yaml:"from"`
}

// Entries counts the entries of the catalogue by what stands for them.
type Entries struct {
	All, Covered     int
	Guide, Elsewhere int // of the covered ones: nothing to call, and on purpose not here
}

// checkCatalogue counts the entries and reports those that point nowhere, and operations that none of them points to.
func checkCatalogue(root string, d *document, report func(format string, args ...any)) (Entries, error) {
	var c catalogue
	var n Entries
	if err := readYAML(filepath.Join(root, "api", "catalogue.yaml"), &c); err != nil {
		return n, err
	}
	pointed := map[string]bool{}
	for _, s := range c.Sections {
		for _, node := range s.Entries {
			var e entry
			if err := node.Decode(&e); err != nil {
				return n, fmt.Errorf("api/catalogue.yaml:%d: %w", node.Line, err)
			}
			n.All++
			faults := d.faults(&e)
			for _, fault := range faults {
				report("api/catalogue.yaml:%d: %s / %s: %s", node.Line, s.Section, e.Title, fault)
			}
			if len(faults) == 0 {
				n.count(&e)
			}
			for _, id := range e.Operations {
				pointed[id] = true
				if o := d.operations[id]; o != nil {
					o.Entries++
				}
			}
		}
	}
	for _, o := range c.Outside {
		if d.operations[o.Operation] == nil || o.Reason == "" {
			report("api/catalogue.yaml: outside: %s is no operation of the document, or has no reason", o.Operation)
		}
		pointed[o.Operation] = true
	}
	for _, id := range sorted(d.operations) {
		if o := d.operations[id]; !pointed[id] {
			report("api/openapi.yaml:%d: %s: the catalogue has no entry for it, and does not list it under outside", o.Line, id)
		}
	}
	return n, nil
}

func (n *Entries) count(e *entry) {
	n.Covered++
	switch {
	case e.Guide != "":
		n.Guide++
	case e.Elsewhere != "":
		n.Elsewhere++
	}
}

// faults says what is wrong with what an entry points to.
func (d *document) faults(e *entry) []string {
	var out []string
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, id := range e.Operations {
		if d.operations[id] == nil {
			fault("the document has no operation %s", id)
		}
	}
	for _, name := range e.Objects {
		if !d.schemas[name] {
			fault("the document has no schema %s", name)
		}
	}
	if e.Webhook != "" && !d.webhooks[e.Webhook] {
		fault("the document has no webhook %s", e.Webhook)
	}
	if e.Socket != "" && !d.sockets[e.Socket] {
		fault("the document has no socket %s", e.Socket)
	}
	if e.Events != nil {
		if e.Events.Channel != "rtc" && !d.sockets[e.Events.Channel] {
			fault("the document has no socket %s", e.Events.Channel)
		}
		for _, side := range e.Events.From {
			if !slices.Contains([]string{"client", "server"}, side) {
				fault("events come from client or server, not from %s", side)
			}
		}
	}
	out = append(out, d.errorFaults(e)...)
	if n := e.kinds(); n != 1 {
		fault("%d things stand for it, and must be one (objects may stand beside operations)", n)
	}
	return out
}

func (d *document) errorFaults(e *entry) []string {
	if e.Errors.IsZero() || e.Errors.Value == "all" {
		return nil
	}
	var out []string
	for _, n := range e.Errors.Content {
		if code, err := strconv.Atoi(n.Value); err != nil || !d.codes[code] {
			out = append(out, "api/errors.yaml has no code "+n.Value)
		}
	}
	if len(e.Errors.Content) == 0 {
		out = append(out, "errors is all or a list of codes")
	}
	return out
}

func (e *entry) kinds() int {
	n := 0
	for _, has := range []bool{
		len(e.Operations) > 0, e.Webhook != "", e.Socket != "", e.Events != nil, len(e.Objects) > 0 && len(e.Operations) == 0,
		!e.Errors.IsZero(), e.Guide != "", e.Elsewhere != "",
	} {
		if has {
			n++
		}
	}
	return n
}
