package cozetest

import "math"

const (
	vadFrame     = 20  // ms by which speech is told from silence
	vadLoudness  = 500 // root mean square of the samples of a frame from which it is speech
	vadBeginning = 3   // frames of speech in a row with which an utterance begins
)

// vad finds utterances in audio by their energy. It goes by the samples alone, not by the time in which they come.
type vad struct {
	frame   int // samples
	prefix  int // samples kept from before an utterance
	silence int // frames that end an utterance

	pending  []int16 // not a whole frame yet
	kept     []int16 // the utterance, or what may come before it
	loud     int     // frames of speech in a row
	quiet    int     // frames of silence in a row
	speaking bool
}

func newVAD(rate, prefixMS, silenceMS int) *vad {
	return &vad{
		frame: max(1, rate*vadFrame/1000), prefix: rate * (prefixMS + vadFrame*vadBeginning) / 1000,
		silence: max(1, (silenceMS+vadFrame-1)/vadFrame),
	}
}

// hear takes samples, and calls started and stopped where an utterance begins and ends.
func (v *vad) hear(samples []int16, started func(), stopped func(utterance []int16)) {
	v.pending = append(v.pending, samples...)
	for len(v.pending) >= v.frame {
		frame := v.pending[:v.frame]
		v.pending = v.pending[v.frame:]
		if isLoud(frame) {
			v.loud, v.quiet = v.loud+1, 0
		} else {
			v.loud, v.quiet = 0, v.quiet+1
		}
		if v.speaking && len(v.kept) >= maxHeard {
			v.quiet = v.silence // it has spoken long enough
		}
		v.kept = append(v.kept, frame...)
		switch {
		case !v.speaking && v.loud >= vadBeginning:
			v.speaking = true
			started()
		case v.speaking && v.quiet >= v.silence:
			utterance := v.kept
			v.speaking, v.kept, v.loud = false, nil, 0
			stopped(utterance)
		}
		if over := len(v.kept) - v.prefix; !v.speaking && over > 0 {
			v.kept = append(v.kept[:0], v.kept[over:]...)
		}
	}
	v.pending = append([]int16(nil), v.pending...)
}

func isLoud(frame []int16) bool {
	sum := 0.0
	for _, s := range frame {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum/float64(len(frame))) >= vadLoudness
}
