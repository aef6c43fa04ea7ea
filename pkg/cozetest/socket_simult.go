package cozetest

import (
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Translate sets how simultaneous interpretation translates a text from one language (zh or en) to another. By default, and after
// Translate(nil), only the terms of the glossary are translated, and the other language stands before the text, as in "[en] text".
func (s *Server) Translate(translate func(text, from, to string) string) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.translate = translate
}

// simultSocket translates a recording.
type simultSocket struct {
	*dictation
	options cozeapi.SimultUpdate
}

func newSimultSocket(s *session) (socketEvents, error) {
	c := &simultSocket{dictation: newDictation(s), options: cozeapi.SimultUpdate{
		InputAudio: defaultInput(), OutputAudio: defaultOutput(), TranslateConfig: &cozeapi.SimultTranslateConfig{From: "zh", To: "en"},
	}}
	return socketEvents{
		"simult_interpretation.update": c.update,
		"input_audio_buffer.append":    c.append,
		"input_audio_buffer.complete":  func([]byte) error { return c.finish(c.interpret) },
	}, nil
}

func (c *simultSocket) update(data []byte) error {
	next := c.options
	if err := merge(&next, data); err != nil {
		return err
	}
	if err := c.checkOutput(next.OutputAudio); err != nil {
		return err
	}
	if err := c.configure(next.InputAudio); err != nil {
		return err
	}
	c.options = next
	c.tell("simult_interpretation.updated", next)
	return nil
}

func (c *simultSocket) interpret(a *act, text string) {
	for i, p := range pieces(text) {
		a.pauseBetween(i)
		a.event("simult_interpretation.transcription.delta", map[string]any{"delta": p})
	}
	translation := c.translation(text)
	for i, p := range pieces(translation) {
		a.pauseBetween(i)
		a.event("simult_interpretation.translation.delta", map[string]any{"delta": p})
	}
	a.say(translation, newOutputVoice(c.options.OutputAudio), func(string) {}, func(audio []byte) {
		a.event("simult_interpretation.audio.delta", map[string]any{"delta": base64Text(audio)})
	})
	a.event("simult_interpretation.message.completed", nil)
}

func (c *simultSocket) translation(text string) string {
	c.srv.sockets.mu.Lock()
	translate := c.srv.sockets.translate
	c.srv.sockets.mu.Unlock()
	config := c.options.TranslateConfig
	if translate != nil {
		defer c.contain()
		return translate(text, string(config.From), string(config.To))
	}
	for _, term := range config.Glossary {
		text = strings.ReplaceAll(text, term.Original, term.Translation)
	}
	return "[" + string(config.To) + "] " + text
}
