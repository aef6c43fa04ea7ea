package cozetest

import (
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Reasons of conversation.chat.canceled.
const (
	canceledBySpeech  = 1
	canceledByClient  = 2
	canceledByMessage = 3
)

// chatSocket is a dialogue with a bot, or with a chatflow of it. Its fields are the reader's.
type chatSocket struct {
	*session
	botID      string
	workflowID string
	options    cozeapi.ChatUpdate
	turn       *Turn // the last one; nil for none

	ear     *ear
	vad     *vad    // nil with client_interrupt
	samples []int16 // of the utterance, with client_interrupt
	begun   bool
}

func newChatSocket(s *session) (socketEvents, error) {
	c := &chatSocket{session: s, botID: s.x.query.Get("bot_id"), workflowID: s.x.query.Get("workflow_id")}
	if err := c.checkPartner(); err != nil {
		return nil, err
	}
	detection, prefix, silence, stored := cozeapi.SocketTurnDetectionType("client_interrupt"), int32(600), int32(500), true
	c.options = cozeapi.ChatUpdate{
		ChatConfig: &cozeapi.SocketChatConfig{AutoSaveHistory: &stored}, InputAudio: defaultInput(), OutputAudio: defaultOutput(),
		TurnDetection: &cozeapi.SocketTurnDetection{Type: detection, PrefixPaddingMs: &prefix, SilenceDurationMs: &silence},
	}
	c.listen()
	return socketEvents{
		"chat.update":                           c.update,
		"input_audio_buffer.append":             c.append,
		"input_audio_buffer.complete":           c.complete,
		"input_audio_buffer.clear":              c.clearAudio,
		"conversation.message.create":           c.post,
		"conversation.clear":                    c.clear,
		"conversation.chat.submit_tool_outputs": c.submit,
		"conversation.chat.cancel":              c.cancelTurn,
		"input_text.generate_audio":             c.generate,
	}, nil
}

// checkPartner refuses a handshake with a bot or a chatflow that cannot be talked to.
func (c *chatSocket) checkPartner() error {
	st := &c.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	b := st.bot(c.botID)
	switch {
	case b == nil:
		return notFound("bot", c.botID)
	case !c.x.caller.mayChat(b):
		return refuse(codePermissionDenied, "the scope of the token does not have bot %s", b.id)
	case b.online(apiConnector) == nil:
		return refuse(codeBotNotPublished, "bot %s is not published to the API", b.id)
	case c.workflowID != "":
		_, err := c.x.runnable(c.workflowID, "")
		return err
	case c.x.query.Has("device_id") && !isNumber(c.x.query.Get("device_id")):
		return refuse(codeInvalidParameter, "device_id is no number")
	}
	return nil
}

// listen begins to listen anew, in the format and the mode that the options say.
func (c *chatSocket) listen() {
	c.ear, c.vad, c.samples, c.begun = newEar(c.options.InputAudio), nil, nil, false
}

// detects tells whether the server finds the end of an utterance.
func (c *chatSocket) detects() bool { return c.options.TurnDetection.Type != "client_interrupt" }

func (c *chatSocket) append(data []byte) error {
	audio, err := c.audio(data)
	if err != nil {
		return err
	}
	samples := c.ear.hear(audio)
	if !c.detects() {
		c.begun = c.begun || len(audio) > 0
		return keep(&c.samples, samples)
	}
	if c.vad == nil && len(samples) > 0 {
		d := c.options.TurnDetection // the rate is known by now
		silence := or(d.SilenceDurationMs, 500)
		if d.Type == "semantic_vad" && d.SemanticVADConfig != nil {
			silence = or(d.SemanticVADConfig.SilenceThresholdMs, 300)
		}
		c.vad = newVAD(c.ear.rate, int(or(d.PrefixPaddingMs, 600)), int(silence))
	}
	if c.vad == nil {
		return nil
	}
	c.vad.hear(samples, c.started, func(utterance []int16) {
		if stopErr := c.stopped(utterance); stopErr != nil {
			err = stopErr
		}
	})
	return err
}

// started is called when an utterance begins, which interrupts an answer unless that takes a keyword.
func (c *chatSocket) started() {
	c.tell("input_audio_buffer.speech_started", nil)
	if len(c.keywords()) == 0 {
		c.interrupt(canceledBySpeech)
	}
}

func (c *chatSocket) keywords() []string {
	if i := c.options.TurnDetection.InterruptConfig; i != nil {
		return i.Keywords
	}
	return nil
}

// stopped is called when an utterance has ended. One without a keyword is passed over while an answer needs one to be interrupted.
func (c *chatSocket) stopped(utterance []int16) error {
	c.tell("input_audio_buffer.speech_stopped", nil)
	text := c.recognize(utterance)
	if c.playing() != nil && len(c.keywords()) > 0 && !c.interrupts(text) {
		return nil
	}
	return c.heard(text)
}

func (c *chatSocket) interrupts(text string) bool {
	for _, k := range c.keywords() {
		at := strings.Index(text, k)
		if at == 0 || at > 0 && c.options.TurnDetection.InterruptConfig.Mode != "keyword_prefix" {
			return true
		}
	}
	return false
}

// complete ends an utterance, in the mode in which the client does that.
func (c *chatSocket) complete([]byte) error {
	switch {
	case c.detects():
		return nil
	case !c.begun:
		return refuse(codeInvalidParameter, "there is no audio")
	}
	c.tell("input_audio_buffer.completed", nil)
	utterance := c.samples
	c.listen()
	return c.heard(c.recognize(utterance))
}

// heard tells what was understood, and lets the bot answer it.
func (c *chatSocket) heard(text string) error {
	for _, soFar := range soFar(text) {
		c.tell("conversation.audio_transcript.update", map[string]any{"content": soFar})
	}
	c.tell("conversation.audio_transcript.completed", map[string]any{"content": text})
	if text == "" {
		return nil
	}
	c.interrupt(canceledBySpeech)
	return c.ask(cozeapi.EnterMessage{Role: roleUser, ContentType: contentText, Content: text})
}

func (c *chatSocket) clearAudio([]byte) error {
	if !c.detects() {
		c.listen()
		c.tell("input_audio_buffer.cleared", nil)
	}
	return nil
}
