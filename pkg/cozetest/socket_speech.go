package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

// speechSocket speaks a text that comes piece by piece. One socket is for one run.
type speechSocket struct {
	*session
	output   *cozeapi.OutputAudio
	text     string
	complete bool
}

func newSpeechSocket(s *session) (socketEvents, error) {
	c := &speechSocket{session: s, output: defaultOutput()}
	return socketEvents{
		"speech.update":              c.update,
		"input_text_buffer.append":   c.append,
		"input_text_buffer.complete": c.finish,
	}, nil
}

// defaultOutput is the format of audio if the client says nothing.
func defaultOutput() *cozeapi.OutputAudio {
	rate, zero := cozeapi.AudioSampleRate(defaultRate), int32(0)
	return &cozeapi.OutputAudio{
		Codec: "pcm", PCMConfig: &cozeapi.PCMConfig{SampleRate: &rate}, SpeechRate: &zero, LoudnessRate: &zero,
	}
}

// checkOutput refuses a voice that does not exist.
func (s *session) checkOutput(o *cozeapi.OutputAudio) error {
	if o.VoiceID == "" {
		return nil
	}
	s.srv.state.mu.Lock()
	defer s.srv.state.mu.Unlock()
	_, err := s.srv.state.voice(o.VoiceID)
	return err
}

func (c *speechSocket) update(data []byte) error {
	if c.text != "" || c.complete {
		return refuse(codeInvalidParameter, "speech.update comes after the first text")
	}
	next := cozeapi.SpeechUpdate{OutputAudio: c.output}
	if err := merge(&next, data); err != nil {
		return err
	}
	if err := c.checkOutput(next.OutputAudio); err != nil {
		return err
	}
	c.output = next.OutputAudio
	c.tell("speech.updated", next)
	return nil
}

// merge changes the options to what data says. What it leaves out stays as it was. Nothing that the options point to is changed.
func merge[T any](options *T, data []byte) error {
	var next T
	for _, text := range [][]byte{mustEncode(options), data} {
		if err := unmarshal(text, &next); err != nil {
			return err
		}
	}
	*options = next
	return nil
}

func (c *speechSocket) append(data []byte) error {
	var piece cozeapi.InputTextBufferAppend
	if err := unmarshal(data, &piece); err != nil {
		return err
	}
	switch {
	case c.complete:
		return refuse(codeInvalidParameter, "the text was complete: use another socket for another one")
	case len(c.text)+len(piece.Delta) > maxSpokenText:
		return refuse(codeSpeechTextTooLong, "the text has %d bytes, at most %d are allowed", len(c.text)+len(piece.Delta), maxSpokenText)
	}
	c.text += piece.Delta
	return nil
}

func (c *speechSocket) finish([]byte) error {
	switch {
	case c.complete:
		return refuse(codeInvalidParameter, "the text was complete before")
	case c.text == "":
		return refuse(codeInvalidParameter, "there is no text to speak")
	}
	c.complete = true
	c.tell("input_text_buffer.completed", nil)
	c.perform(func(a *act) {
		a.say(c.text, newOutputVoice(c.output), func(sentence string) {
			a.event("conversation.audio.sentence_start", map[string]any{"text": sentence})
		}, func(audio []byte) {
			a.event("speech.audio.update", map[string]any{"delta": base64Text(audio)})
		})
		a.event("speech.audio.completed", nil)
	})
	return nil
}
