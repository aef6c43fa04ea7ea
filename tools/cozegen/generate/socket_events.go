package generate

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed socket_events.tmpl
var socketEventsText string

var socketEventsTemplate = template.Must(template.New("socket events").Parse(socketEventsText))

// rooms is the entry of x-coze-sockets for real-time rooms. Its events may differ from those of the same name on sockets.
const rooms = "rtc"

// socketEventsView is what the template needs.
type socketEventsView struct {
	Sent              []socketEventView
	Received, InRooms []socketEventView
}

// socketEventView is one event. Type is empty for an event without payload; Sockets and Does are for what clients send.
type socketEventView struct{ Name, Event, Type, Sockets, Does string }

// Doc is the comment of the constructor.
func (v socketEventView) Doc() string {
	return strings.TrimRight(comment(fmt.Sprintf("New%s makes an event %s (%s). %s", v.Name, v.Event, v.Sockets, v.Does)), "\n")
}

// SocketEvents generates the constructors of the events that clients send on websockets and in rooms, and the table of the
// payloads of those that servers send, from an OpenAPI document. Call it after [API], which settles the names of types.
func SocketEvents(spec, pkg string) ([]byte, error) {
	d, err := load(spec)
	if err != nil {
		return nil, err
	}
	sockets, err := loadSockets(d)
	if err != nil {
		return nil, err
	}
	v := socketEventsView{}
	if v.Sent, err = sentEvents(sockets); err != nil {
		return nil, err
	}
	if v.Received, v.InRooms, err = receivedEvents(sockets); err != nil {
		return nil, err
	}
	var b strings.Builder
	if err := socketEventsTemplate.Execute(&b, v); err != nil {
		return nil, err
	}
	return format("socket_events"+suffix, pkg, b.String())
}

// sentEvents lists what clients send, each event once.
func sentEvents(sockets map[string]socketSpec) ([]socketEventView, error) {
	byName := map[string]socketEventView{}
	for _, socket := range slices.Sorted(maps.Keys(sockets)) {
		for event, e := range sockets[socket].Client {
			one := socketEventView{
				Name: socketConst(event), Event: event, Type: e.goType(), Sockets: socket, Does: firstSentence(e.Description),
			}
			if before, ok := byName[event]; ok {
				if before.Type != one.Type {
					return nil, fmt.Errorf("x-coze-sockets: clients send %s with %q and with %q", event, before.Type, one.Type)
				}
				one.Sockets, one.Does = before.Sockets+", "+socket, before.Does
			}
			byName[event] = one
		}
	}
	return sorted(byName), nil
}

// receivedEvents lists what servers send with a payload: on sockets and in rooms together, and what differs in rooms.
func receivedEvents(sockets map[string]socketSpec) (all, inRooms []socketEventView, err error) {
	byName, differs := map[string]socketEventView{}, map[string]socketEventView{}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(sockets)), func(name string) bool { return name == rooms })
	for _, socket := range append(names, rooms) {
		for event, e := range sockets[socket].Server {
			one := socketEventView{Name: socketConst(event), Event: event, Type: e.goType()}
			before, ok := byName[event]
			switch {
			case one.Type == "" || ok && before.Type == one.Type:
			case !ok:
				byName[event] = one
			case socket == rooms:
				differs[event] = one
			default:
				return nil, nil, fmt.Errorf("x-coze-sockets: servers send %s with %q and with %q", event, before.Type, one.Type)
			}
		}
	}
	return sorted(byName), sorted(differs), nil
}

func sorted(byName map[string]socketEventView) []socketEventView {
	var out []socketEventView
	for _, event := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[event])
	}
	return out
}

// goType is the name of the payload's type; "" if the event has none.
func (e eventSpec) goType() string {
	if e.Ref == "" {
		return ""
	}
	return typeName(strings.TrimPrefix(e.Ref, schemaPrefix))
}
