package cozetest

import (
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var voiceHandlers = map[string]handler{
	"CloneVoice":      (*exchange).cloneVoice,
	"CreateAudioRoom": lockedBody((*exchange).createAudioRoom),
	"ListVoices":      locked((*exchange).listVoices),
}

// DefaultVoiceID is the id of a voice that is built in.
const DefaultVoiceID = "7400000000000000201"

const (
	voiceInit     = "init"
	voiceCloned   = "cloned"
	maxTrainings  = 10
	maxVoiceFile  = 10 << 20 // bytes
	maxVoiceName  = 128      // bytes
	maxSpokenText = 1024     // bytes
)

var voiceFormats = []string{"wav", "mp3", "ogg", "m4a", "aac", "pcm"}

// voice is a voice as the wire has it. Only clones change.
type voice struct {
	VoiceID                string `json:"voice_id"`
	Name                   string `json:"name"`
	IsSystemVoice          bool   `json:"is_system_voice"`
	LanguageCode           string `json:"language_code"`
	LanguageName           string `json:"language_name"`
	PreviewText            string `json:"preview_text"`
	PreviewAudio           string `json:"preview_audio"`
	AvailableTrainingTimes int    `json:"available_training_times"`
	CreateTime             int64  `json:"create_time"`
	UpdateTime             int64  `json:"update_time"`
	ModelType              string `json:"model_type"`
	State                  string `json:"state"`
}

var languageNames = map[string]string{
	"zh": "中文", "en": "English", "ja": "日本語", "es": "Español", "id": "Bahasa Indonesia", "pt": "Português",
}

// newVoices makes the voices that every server has: two that are built in, and a clone that has not been trained yet.
func newVoices(now int64) []*voice {
	english, chinese := newVoice(DefaultVoiceID, "Default", "en", "big", now), newVoice("7400000000000000202", "默认", "zh", "small", now)
	for _, v := range []*voice{english, chinese} {
		v.IsSystemVoice, v.State = true, voiceCloned
	}
	clone := newVoice("7400000000000000203", "Clone", "en", "big", now)
	clone.AvailableTrainingTimes = maxTrainings
	return []*voice{english, chinese, clone}
}

func newVoice(id, name, language, model string, now int64) *voice {
	return &voice{
		VoiceID: id, Name: name, LanguageCode: language, LanguageName: languageNames[language], PreviewText: "Hello!",
		PreviewAudio: "https://example.com/voices/" + id + ".mp3", CreateTime: now, UpdateTime: now, ModelType: model, State: voiceInit,
	}
}

// voice finds a voice. The caller holds mu.
func (st *state) voice(id string) (*voice, error) {
	i := slices.IndexFunc(st.voices, func(v *voice) bool { return v.VoiceID == id })
	if i < 0 {
		return nil, notFound("voice", id)
	}
	return st.voices[i], nil
}

// listVoices lists voices, the built-in ones first.
func (x *exchange) listVoices() (any, error) {
	want := x.query.Get("voice_state")
	if want == "" {
		want = voiceCloned
	}
	st := &x.srv.state
	found := []voice{}
	for _, v := range st.voices {
		model := x.query.Get("model_type")
		if (want == "all" || want == v.State) && (model == "" || model == v.ModelType) &&
			(!v.IsSystemVoice || x.query.Get("filter_system_voice") != "true") {
			found = append(found, *v)
		}
	}
	items, more := page(found, x.number("page_num", 1), x.number("page_size", 100))
	return map[string]any{"voice_list": items, "has_more": more}, nil
}

// cloneVoice makes a clone, or trains one again. The recording is ready at once.
func (x *exchange) cloneVoice() (any, error) {
	up, err := x.readSoundUpload(maxVoiceFile, nil)
	if err != nil {
		return nil, err
	}
	heard := x.srv.cfg.transcript
	switch name, text := up.form["voice_name"], up.form["text"]; {
	case name == "" || len(name) > maxVoiceName:
		return nil, refuse(codeInvalidParameter, "voice_name has %d bytes, 1 to %d are allowed", len(name), maxVoiceName)
	case len(text) > maxSpokenText:
		return nil, refuse(codeInvalidParameter, "text has %d bytes, at most %d are allowed", len(text), maxSpokenText)
	case text != "" && heard != "" && text != heard:
		return nil, refuse(codeVoiceTextMismatch, "the recording says %q", heard)
	case !slices.Contains(voiceFormats, up.form["audio_format"]):
		return nil, refuse(codeFileFormat, "recordings of format %q are not supported", up.form["audio_format"])
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	if space := up.form["space_id"]; space != "" {
		if _, err := x.workspace(space); err != nil {
			return nil, err
		}
	}
	v, err := x.voiceToTrain(up.form["voice_id"])
	if err != nil {
		return nil, err
	}
	v.Name, v.State, v.UpdateTime = up.form["voice_name"], voiceCloned, x.srv.now()
	v.AvailableTrainingTimes--
	if text := up.form["preview_text"]; text != "" {
		v.PreviewText = text
	}
	if language := up.form["language"]; language != "" {
		v.LanguageCode, v.LanguageName = language, languageNames[language]
	}
	return map[string]any{"voice_id": v.VoiceID}, nil
}

// voiceToTrain finds a clone that can be trained, or makes a new one. The caller holds mu.
func (x *exchange) voiceToTrain(id string) (*voice, error) {
	st := &x.srv.state
	if id == "" {
		v := newVoice(x.srv.ids.next(), "", "en", "big", x.srv.now())
		v.AvailableTrainingTimes = maxTrainings
		st.voices = append(st.voices, v)
		return v, nil
	}
	v, err := st.voice(id)
	switch {
	case err != nil:
		return nil, err
	case v.IsSystemVoice:
		return nil, refuse(codePermissionDenied, "voice %s is built in", id)
	case v.AvailableTrainingTimes == 0:
		return nil, refuse(codeInvalidParameter, "voice %s was trained %d times, which is all", id, maxTrainings)
	}
	return v, nil
}

// createAudioRoom opens a room that nobody can join, and the conversation that the call would go on in.
func (x *exchange) createAudioRoom(req *cozeapi.CreateAudioRoomRequest) (any, error) {
	st := &x.srv.state
	b := st.bot(req.BotID)
	if b == nil {
		return nil, notFound("bot", req.BotID)
	}
	if b.online(req.ConnectorID) == nil {
		return nil, refuse(codeBotNotPublished, "bot %s is not published to the API", b.id)
	}
	if req.VoiceID != "" {
		if _, err := st.voice(req.VoiceID); err != nil {
			return nil, err
		}
	}
	if req.ConversationID == "" {
		x.newConversation(b.id, req.ConnectorID)
	} else if _, err := x.conversation(req.ConversationID); err != nil {
		return nil, err
	}
	uid := req.UID
	if uid == "" {
		uid = x.srv.ids.next()
	}
	room := x.srv.ids.next()
	return map[string]any{"room_id": room, "app_id": "fake_rtc_app", "token": "fake_rtc_token_of_" + room, "uid": uid}, nil
}
