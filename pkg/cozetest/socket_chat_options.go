package cozetest

import (
	"encoding/json"
	"slices"
	"unicode"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

func unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return refuse(codeInvalidParameter, "%v", err)
	}
	return nil
}

// update changes the options, and tells what they are then. Audio that came before is forgotten if its format or the way in which
// utterances are found changes.
func (c *chatSocket) update(data []byte) error {
	next, given := c.options, cozeapi.ChatUpdate{}
	if err := unmarshal(data, &given); err != nil {
		return err
	}
	if err := merge(&next, data); err != nil {
		return err
	}
	if err := c.checkOptions(&next); err != nil {
		return err
	}
	c.options = next
	if given.InputAudio != nil || given.TurnDetection != nil {
		c.listen()
	}
	c.mu.Lock()
	c.wants = next.EventSubscriptions
	c.mu.Unlock()
	c.tell("chat.updated", next)
	if a := c.playing(); or(given.NeedPlayPrologue, false) && (a == nil || a.turn == nil) {
		c.utter(c.prologue())
	}
	return nil
}

func (c *chatSocket) checkOptions(o *cozeapi.ChatUpdate) error {
	if err := checkInput(o.InputAudio); err != nil {
		return err
	}
	if err := c.checkOutput(o.OutputAudio); err != nil {
		return err
	}
	if err := checkMetaData(o.ChatConfig.MetaData); err != nil {
		return err
	}
	if i := o.TurnDetection.InterruptConfig; i != nil {
		for _, k := range i.Keywords {
			if len(k) < 6 || len(k) > 24 || slices.ContainsFunc([]rune(k), unicode.IsPunct) {
				return refuse(codeInvalidParameter, "interrupt_config: the keyword %q is not 6 to 24 bytes without punctuation", k)
			}
		}
	}
	id := o.ChatConfig.ConversationID
	if id == "" {
		return nil
	}
	c.srv.state.mu.Lock()
	defer c.srv.state.mu.Unlock()
	_, err := c.x.conversation(id)
	return err
}

// prologue is what the bot says before anything else.
func (c *chatSocket) prologue() string {
	if c.options.PrologueContent != "" {
		return c.options.PrologueContent
	}
	c.srv.state.mu.Lock()
	defer c.srv.state.mu.Unlock()
	if b := c.srv.state.bot(c.botID); b != nil && b.online(apiConnector) != nil {
		if words := b.online(apiConnector).config.onboarding.Prologue; words != "" {
			return words
		}
	}
	return "Hello!"
}
