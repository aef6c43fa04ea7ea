package cozetest

import (
	"cmp"
	"slices"
	"strconv"
)

var voiceprintFeatureHandlers = map[string]handler{
	"CreateVoiceprintFeature": (*exchange).createVoiceprintFeature,
	"DeleteVoiceprintFeature": locked((*exchange).deleteVoiceprintFeature),
	"IdentifySpeaker":         (*exchange).identifySpeaker,
	"ListVoiceprintFeatures":  locked((*exchange).listVoiceprintFeatures),
	"UpdateVoiceprintFeature": (*exchange).updateVoiceprintFeature,
}

const (
	maxVoiceprintFile = 4 << 20 // bytes
	maxVoiceprints    = 10      // in a group
)

var voiceprintFormats = []string{"wav", "pcm"}

// voiceprint is the voice of a speaker. What is kept of the recording is its checksum.
type voiceprint struct {
	id, name, desc string
	sum            uint32
	creator        string
	created        int64 // Unix seconds
	updated        int64
}

func (v *voiceprint) wire(group string) map[string]any {
	return map[string]any{
		"id": v.id, "group_id": group, "name": v.name, "desc": v.desc, "audio_url": "https://example.com/voiceprints/" + v.id + ".wav",
		"icon_url": "https://example.com/voiceprint.png", "user_info": voiceprintUser(v.creator),
		"created_at": v.created, "updated_at": v.updated,
	}
}

// score is how much a recording is like a voiceprint, 0 to 100: 99.5 for the same recording, less than 60 for others.
func (v *voiceprint) score(sum uint32) float64 {
	if v.sum == sum {
		return 99.5
	}
	return float64(mix(uint64(v.sum), uint64(sum))%6000) / 100
}

// ownVoiceprint finds the voiceprint of the path, which the caller wants to change. The caller holds mu.
func (x *exchange) ownVoiceprint() (*voiceprintGroup, *voiceprint, error) {
	g, err := x.voiceprintGroup()
	if err != nil {
		return nil, nil, err
	}
	id := x.path["feature_id"]
	i := slices.IndexFunc(g.features, func(v *voiceprint) bool { return v.id == id })
	switch {
	case i < 0:
		return nil, nil, notFound("voiceprint", id)
	case g.features[i].creator != x.caller.userID:
		return nil, nil, refuse(codePermissionDenied, "only the creator of voiceprint %s may do this", id)
	}
	return g, g.features[i], nil
}

func (x *exchange) createVoiceprintFeature() (any, error) {
	up, err := x.readSoundUpload(maxVoiceprintFile, voiceprintFormats)
	if err != nil {
		return nil, err
	}
	if up.form["name"] == "" {
		return nil, refuse(codeInvalidParameter, "name is needed")
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	g, err := x.voiceprintGroup()
	if err != nil {
		return nil, err
	}
	if len(g.features) >= maxVoiceprints {
		return nil, refuse(codeInvalidParameter, "group %s has %d voiceprints, which is all", g.id, maxVoiceprints)
	}
	now := x.srv.now()
	v := &voiceprint{
		id: x.srv.ids.next(), name: up.form["name"], desc: up.form["desc"], sum: up.file.sum,
		creator: x.caller.userID, created: now, updated: now,
	}
	g.features, g.updated = append(g.features, v), now
	return map[string]any{"id": v.id}, nil
}

// listVoiceprintFeatures lists voiceprints, newest first.
func (x *exchange) listVoiceprintFeatures() (any, error) {
	g, err := x.voiceprintGroup()
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	for _, v := range slices.Backward(g.features) {
		found = append(found, v.wire(g.id))
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"items": items, "total": len(found)}, nil
}

func (x *exchange) updateVoiceprintFeature() (any, error) {
	up, err := x.readSoundForm(maxVoiceprintFile, voiceprintFormats)
	if err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	g, v, err := x.ownVoiceprint()
	if err != nil {
		return nil, err
	}
	if name := up.form["name"]; name != "" {
		v.name = name
	}
	if desc := up.form["desc"]; desc != "" {
		v.desc = desc
	}
	if up.file.name != "" {
		v.sum = up.file.sum
	}
	v.updated = x.srv.now()
	g.updated = v.updated
	return map[string]any{"id": v.id}, nil
}

func (x *exchange) deleteVoiceprintFeature() (any, error) {
	g, gone, err := x.ownVoiceprint()
	if err != nil {
		return nil, err
	}
	g.features = slices.DeleteFunc(g.features, func(v *voiceprint) bool { return v == gone })
	g.updated = x.srv.now()
	return nil, nil
}

type speakerScore struct {
	FeatureID   string  `json:"feature_id"`
	FeatureName string  `json:"feature_name"`
	FeatureDesc string  `json:"feature_desc"`
	Score       float64 `json:"score"`
}

func (x *exchange) identifySpeaker() (any, error) {
	up, err := x.readSoundUpload(maxVoiceprintFile, voiceprintFormats)
	if err != nil {
		return nil, err
	}
	most := maxVoiceprints
	if text := up.form["top_k"]; text != "" {
		if most, err = strconv.Atoi(text); err != nil || most < 1 {
			return nil, refuse(codeInvalidParameter, "top_k is %s, at least 1 is allowed", text)
		}
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	g, err := x.voiceprintGroup()
	if err != nil {
		return nil, err
	}
	scores := []speakerScore{}
	for _, v := range g.features {
		scores = append(scores, speakerScore{v.id, v.name, v.desc, v.score(up.file.sum)})
	}
	slices.SortStableFunc(scores, func(a, b speakerScore) int { return cmp.Compare(b.Score, a.Score) })
	return map[string]any{"feature_score_list": scores[:min(most, len(scores))]}, nil
}
