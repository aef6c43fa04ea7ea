package cozetest

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var voiceprintHandlers = map[string]handler{
	"CreateVoiceprintGroup": lockedBody((*exchange).createVoiceprintGroup),
	"DeleteVoiceprintGroup": locked((*exchange).deleteVoiceprintGroup),
	"ListVoiceprintGroups":  locked((*exchange).listVoiceprintGroups),
	"UpdateVoiceprintGroup": lockedBody((*exchange).updateVoiceprintGroup),
}

const (
	maxVoiceprintGroups = 1000
	maxGroupName        = 20  // characters
	maxGroupDesc        = 500 // characters
)

// voiceprintGroup is a group with its voiceprints, in the order in which they were added.
type voiceprintGroup struct {
	id, name, desc string
	creator        string
	created        int64 // Unix seconds
	updated        int64
	features       []*voiceprint
}

func (g *voiceprintGroup) wire() map[string]any {
	return map[string]any{
		"id": g.id, "name": g.name, "desc": g.desc, "icon_url": "https://example.com/voiceprints.png", "feature_count": len(g.features),
		"user_info": voiceprintUser(g.creator), "created_at": g.created, "updated_at": g.updated,
	}
}

func voiceprintUser(id string) map[string]any {
	return map[string]any{"id": id, "name": "fake", "nickname": "Fake user", "avatar_url": "https://example.com/user.png"}
}

// voiceprintGroup finds the group of the path. The caller holds mu.
func (x *exchange) voiceprintGroup() (*voiceprintGroup, error) {
	id := x.path["group_id"]
	for _, g := range x.srv.state.voiceprints {
		if g.id == id {
			return g, nil
		}
	}
	return nil, notFound("voiceprint group", id)
}

func checkGroup(name, desc string) error {
	if n := utf8.RuneCountInString(name); n > maxGroupName {
		return refuse(codeInvalidParameter, "name has %d characters, at most %d are allowed", n, maxGroupName)
	}
	if n := utf8.RuneCountInString(desc); n > maxGroupDesc {
		return refuse(codeInvalidParameter, "desc has %d characters, at most %d are allowed", n, maxGroupDesc)
	}
	return nil
}

func (x *exchange) createVoiceprintGroup(req *cozeapi.CreateVoiceprintGroupRequest) (any, error) {
	if req.Name == "" {
		return nil, refuse(codeInvalidParameter, "name is needed")
	}
	st := &x.srv.state
	if len(st.voiceprints) >= maxVoiceprintGroups {
		return nil, refuse(codeInvalidParameter, "there are %d groups, which is all", maxVoiceprintGroups)
	}
	now := x.srv.now()
	g := &voiceprintGroup{id: x.srv.ids.next(), name: req.Name, desc: req.Desc, creator: x.caller.userID, created: now, updated: now}
	st.voiceprints = append(st.voiceprints, g)
	return map[string]any{"id": g.id}, nil
}

// listVoiceprintGroups lists groups, newest first.
func (x *exchange) listVoiceprintGroups() (any, error) {
	st := &x.srv.state
	found := []map[string]any{}
	for _, g := range slices.Backward(st.voiceprints) {
		id, user := x.query.Get("group_id"), x.query.Get("user_id")
		if strings.HasPrefix(g.name, x.query.Get("name")) && (id == "" || id == g.id) && (user == "" || user == g.creator) {
			found = append(found, g.wire())
		}
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"items": items, "total": len(found)}, nil
}

func (x *exchange) updateVoiceprintGroup(req *cozeapi.UpdateVoiceprintGroupRequest) (any, error) {
	if err := checkGroup(req.Name, req.Desc); err != nil {
		return nil, err
	}
	g, err := x.voiceprintGroup()
	if err != nil {
		return nil, err
	}
	if req.Name != "" {
		g.name = req.Name
	}
	if req.Desc != "" {
		g.desc = req.Desc
	}
	g.updated = x.srv.now()
	return nil, nil
}

func (x *exchange) deleteVoiceprintGroup() (any, error) {
	st := &x.srv.state
	gone, err := x.voiceprintGroup()
	if err != nil {
		return nil, err
	}
	if gone.creator != x.caller.userID {
		return nil, refuse(codePermissionDenied, "only the creator of group %s may delete it", gone.id)
	}
	st.voiceprints = slices.DeleteFunc(st.voiceprints, func(g *voiceprintGroup) bool { return g == gone })
	return nil, nil
}
