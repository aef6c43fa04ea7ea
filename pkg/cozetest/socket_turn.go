package cozetest

import "strings"

// speaker speaks the answers of a turn. It belongs to the goroutine of the turn, as the methods below do.
type speaker struct {
	voice   *outputVoice
	text    string // said, but not a whole sentence yet
	backlog []sounding
	sent    int      // pieces of audio of the turn
	done    *message // the answer is complete, its audio is not; nil otherwise
}

// sounding is what is next to be heard: the beginning of a sentence, or a piece of its audio.
type sounding struct {
	sentence string
	audio    []byte
}

// soundsPerDelta is how much of the backlog goes between two deltas of text. The rest follows when the text is complete.
const soundsPerDelta = 2

// voiceManner is that of dialogues by voice: the writer of the session makes the envelope of an event.
func voiceManner(v *outputVoice) manner {
	return manner{form: func(_ int, _ string, data []byte) []byte { return data }, speaker: &speaker{voice: v}}
}

// speak takes a piece of the answer and sends audio of the sentences that are whole.
func (t *Turn) speak(piece string) {
	v := t.speaker
	if v == nil {
		return
	}
	v.text += piece
	for {
		sentence, rest := cutSentence(v.text)
		if sentence == "" {
			break
		}
		v.text = rest
		v.add(sentence, false)
	}
	for range min(soundsPerDelta, len(v.backlog)) {
		t.soundNext(t.open)
	}
}

// add puts a sentence into the backlog. The last one ends in silence.
func (v *speaker) add(sentence string, last bool) {
	if strings.TrimSpace(sentence) != "" {
		v.backlog = append(v.backlog, sounding{sentence: sentence})
	}
	for _, audio := range v.voice.speak(sentence, last) {
		v.backlog = append(v.backlog, sounding{audio: audio})
	}
}

// soundNext sends the next of the backlog.
func (t *Turn) soundNext(m *message) {
	v := t.speaker
	next := v.backlog[0]
	v.backlog = v.backlog[1:]
	if next.audio == nil {
		t.emit("conversation.audio.sentence_start", map[string]any{"text": next.sentence}, true)
		return
	}
	if v.sent > 0 {
		t.pauseForAudio()
	}
	piece := *m
	piece.Content, piece.ContentType, piece.ReasoningContent = base64Text(next.audio), contentAudio, ""
	t.emit("conversation.audio.delta", piece, true)
	v.sent++
}

// pauseForAudio waits between two pieces of audio, longer if the client wants them slowly.
func (t *Turn) pauseForAudio() {
	d := max(t.srv.cfg.deltaPause, t.speaker.voice.pauseBefore(t.speaker.sent))
	if d > 0 {
		t.wait(d)
	}
}

// speakEnd notes that the text of an answer is complete.
func (t *Turn) speakEnd(m *message) {
	v := t.speaker
	if v == nil {
		return
	}
	if m.Content != "" {
		v.add(v.text, true)
	}
	v.text, v.done = "", m
}

// speakBacklog sends the audio that is there.
func (t *Turn) speakBacklog() {
	v := t.speaker
	if v == nil {
		return
	}
	m := t.open
	if m == nil {
		m = v.done
	}
	for m != nil && len(v.backlog) > 0 {
		t.soundNext(m)
	}
}

// speakRest sends the rest of the audio of an answer, and says that it is complete.
func (t *Turn) speakRest() {
	if t.speaker == nil || t.speaker.done == nil {
		return
	}
	t.speakBacklog()
	end := *t.speaker.done
	end.Content, end.ContentType, end.ReasoningContent = "", contentAudio, ""
	t.speaker.done = nil
	t.emit("conversation.audio.completed", end, true)
}

// runs tells whether the chat goes on by itself.
func (t *Turn) runs() bool {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	return t.chat.wire.Status == statusCreated || t.chat.wire.Status == statusInProgress
}

// stop cancels a chat of a dialogue, and tells whether it could: one that has ended cannot, nor that of a chatflow that has asked
// something, which what comes next answers.
func (t *Turn) stop() bool {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	running := t.chat.wire.Status == statusCreated || t.chat.wire.Status == statusInProgress
	if !running && t.chat.wire.RequiredAction == nil {
		return false
	}
	t.settle(statusCanceled)
	t.cancel()
	return true
}
