package voice

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"
)

// PCMFrames yields the PCM of r (16 bits, mono unless channels says otherwise) in frames of the length d, for example 20 ms,
// as AppendAudio takes them. The last one may be shorter. An error of r is the last pair. A frame is valid until the next.
func PCMFrames(r io.Reader, sampleRateHz, channels int, d time.Duration) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		sample := 2 * max(channels, 1)
		samples := int64(sampleRateHz) * d.Microseconds() / 1e6
		if samples <= 0 || samples > 1<<20 {
			yield(nil, fmt.Errorf("voice: frames of %v at %d Hz cannot be", d, sampleRateHz))
			return
		}
		buf := make([]byte, int(samples)*sample)
		for {
			n, err := io.ReadFull(r, buf)
			if n > 0 && !yield(buf[:n], nil) {
				return
			}
			switch err {
			case nil:
			case io.EOF, io.ErrUnexpectedEOF:
				return
			default:
				yield(nil, err)
				return
			}
		}
	}
}

// Pace yields the frames, each d after the one before, as a microphone would; the first one at once. Time that the loop
// body takes counts, so that the pace is kept on the whole. When ctx ends, its error is the last pair.
func Pace(ctx context.Context, frames iter.Seq2[[]byte, error], d time.Duration) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		timer := time.NewTimer(0)
		defer timer.Stop()
		start, n := time.Now(), 0
		for frame, err := range frames {
			if err == nil {
				timer.Reset(time.Until(start.Add(time.Duration(n) * d)))
				n++
				select {
				case <-timer.C:
				case <-ctx.Done():
					frame, err = nil, context.Cause(ctx)
				}
			}
			if !yield(frame, err) || err != nil {
				return
			}
		}
	}
}
