package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

// dictation is audio that comes piece by piece until the client says that it is complete.
type dictation struct {
	*session
	input    *cozeapi.InputAudio
	ear      *ear
	samples  []int16
	begun    bool
	complete bool
}

func newDictation(s *session) *dictation {
	return &dictation{session: s, input: defaultInput(), ear: newEar(defaultInput())}
}

// configure sets the format of the audio to come.
func (d *dictation) configure(in *cozeapi.InputAudio) error {
	if err := checkInput(in); err != nil {
		return err
	}
	if d.begun {
		return refuse(codeInvalidParameter, "the options come after the first audio")
	}
	d.input, d.ear = in, newEar(in)
	return nil
}

func (d *dictation) append(data []byte) error {
	audio, err := d.audio(data)
	if err != nil {
		return err
	}
	if d.complete {
		return refuse(codeInvalidParameter, "the audio was complete: use another socket for another recording")
	}
	d.begun = d.begun || len(audio) > 0
	return keep(&d.samples, d.ear.hear(audio))
}

// audio is what an append event brings.
func (s *session) audio(data []byte) ([]byte, error) {
	var piece cozeapi.InputAudioBufferAppend
	err := s.take("input_audio_buffer.append", data, &piece)
	return piece.Delta, err
}

// keep puts samples at the end, unless there are too many.
func keep(all *[]int16, samples []int16) error {
	if len(*all)+len(samples) > maxHeard {
		return refuse(codeFileTooLarge, "the audio has more than %d samples", maxHeard)
	}
	*all = append(*all, samples...)
	return nil
}

func (d *dictation) clear([]byte) error {
	d.samples, d.begun, d.complete, d.ear = nil, false, false, newEar(d.input)
	d.tell("input_audio_buffer.cleared", nil)
	return nil
}

// finish says that the audio is complete, and lets f tell what was heard.
func (d *dictation) finish(f func(a *act, text string)) error {
	switch {
	case d.complete:
		return refuse(codeInvalidParameter, "the audio was complete before")
	case !d.begun:
		return refuse(codeInvalidParameter, "there is no audio")
	}
	d.complete = true
	d.tell("input_audio_buffer.completed", nil)
	text := d.recognize(d.samples)
	d.perform(func(a *act) { f(a, text) })
	return nil
}

// newTranscriptionsSocket writes down a recording.
func newTranscriptionsSocket(s *session) (socketEvents, error) {
	d := newDictation(s)
	return socketEvents{
		"transcriptions.update": func(data []byte) error {
			next := cozeapi.TranscriptionsUpdate{InputAudio: d.input}
			if err := merge(&next, data); err != nil {
				return err
			}
			if err := d.configure(next.InputAudio); err != nil {
				return err
			}
			s.tell("transcriptions.updated", next)
			return nil
		},
		"input_audio_buffer.append": d.append,
		"input_audio_buffer.clear":  d.clear,
		"input_audio_buffer.complete": func([]byte) error {
			return d.finish(func(a *act, text string) {
				for i, soFar := range soFar(text) {
					a.pauseBetween(i)
					a.event("transcriptions.message.update", map[string]any{"content": soFar})
				}
				a.event("transcriptions.message.completed", nil)
			})
		},
	}, nil
}

// soFar is a text as it grows.
func soFar(text string) []string {
	all := pieces(text)
	for i := 1; i < len(all); i++ {
		all[i] = all[i-1] + all[i]
	}
	return all
}

// newUnknownSocket is a socket of which only the path is known: it takes everything and says nothing.
func newUnknownSocket(*session) (socketEvents, error) { return nil, nil }
