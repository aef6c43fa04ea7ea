package verdict

import (
	"go/types"
	"strings"
)

const (
	shared = "Shared types"
	others = "Events and other types"
)

// reached says which sections of the client use a type of gen/cozeapi, by its name.
type reached struct {
	names    map[string]string          // Go types of services to how programs reach them
	sections map[string]map[string]bool // by type
}

// reachable follows the signatures of the services' methods through the models, in both states.
func reachable(names map[string]string, states ...*types.Package) reached {
	r := reached{names, map[string]map[string]bool{}}
	for _, p := range states {
		if p == nil {
			continue
		}
		for name, service := range names {
			section, _, _ := strings.Cut(service, ".")
			if t, ok := p.Scope().Lookup(name).(*types.TypeName); ok {
				methods := types.NewMethodSet(types.NewPointer(t.Type()))
				for m := range methods.Methods() {
					r.follow(p, m.Obj().Type(), section)
				}
			}
		}
		r.constants(p)
	}
	return r
}

// follow marks every named type of the package that t holds.
func (r reached) follow(p *types.Package, t types.Type, section string) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			r.follow(p, arg, section)
		}
		name := t.Obj().Name()
		if t.Obj().Pkg() != p || r.sections[name][section] {
			return
		}
		if r.sections[name] == nil {
			r.sections[name] = map[string]bool{}
		}
		r.sections[name][section] = true
		r.follow(p, t.Underlying(), section)
	case *types.Struct:
		for f := range t.Fields() {
			r.follow(p, f.Type(), section)
		}
	case *types.Signature:
		for v := range t.Params().Variables() {
			r.follow(p, v.Type(), section)
		}
		for v := range t.Results().Variables() {
			r.follow(p, v.Type(), section)
		}
	case interface{ Elem() types.Type }: // pointers, slices, arrays, maps
		r.follow(p, t.Elem(), section)
	}
}

// constants belong where their types do.
func (r reached) constants(p *types.Package) {
	for _, name := range p.Scope().Names() {
		c, ok := p.Scope().Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		if t, ok := types.Unalias(c.Type()).(*types.Named); ok && r.sections[t.Obj().Name()] != nil {
			r.sections[name] = r.sections[t.Obj().Name()]
		}
	}
}

// section is where a change of an object is shown.
func (r reached) section(object string) string {
	typeName, member := receiver(object)
	if service := r.names[typeName]; service != "" {
		section, _, _ := strings.Cut(service, ".")
		return section
	}
	if typeName == "Services" && member != "" {
		return member
	}
	switch found := r.sections[typeName]; len(found) {
	case 0:
		return others
	case 1:
		for section := range found {
			return section
		}
	}
	return shared
}
