package voice

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// frameLimit writes audio no faster than limit_config says: at most max_frame_num frames in any window of period, whatever the
// server does.
type frameLimit struct {
	out    io.Writer
	period time.Duration // 0 = no limit
	most   int           // frames in a window
	frame  int           // bytes of one; 0 = each piece of the server is one
	when   []time.Time   // the last frames were written, a ring of most
	next   int
}

// newFrameLimit returns a writer to out under the limit of a; without one it only writes.
func newFrameLimit(a *coze.OutputAudio, out io.Writer) *frameLimit {
	l := &frameLimit{out: out}
	if a == nil {
		return l
	}
	var config *coze.AudioLimitConfig
	switch {
	case a.Codec == coze.OutputAudioCodecOpus && a.OpusConfig != nil:
		config = a.OpusConfig.LimitConfig // each piece is a packet, and so a frame
	case a.Codec != coze.OutputAudioCodecOpus && a.Codec != coze.OutputAudioCodecMp3 && a.PCMConfig != nil:
		config = a.PCMConfig.LimitConfig
		l.frame = frameBytes(a.Codec, a.PCMConfig)
	}
	if config != nil && config.Period != nil && config.MaxFrameNum != nil && *config.Period > 0 && *config.MaxFrameNum > 0 {
		l.period, l.most = time.Duration(*config.Period)*time.Second, int(*config.MaxFrameNum)
	}
	return l
}

// frameBytes is the size of a frame of frame_size_ms; 0 if that is not set.
func frameBytes(codec coze.OutputAudioCodec, c *coze.PCMConfig) int {
	if c.FrameSizeMs == nil || *c.FrameSizeMs <= 0 || *c.FrameSizeMs > 60_000 {
		return 0
	}
	rate, sample := 24000.0, 2
	if c.SampleRate != nil {
		rate = float64(*c.SampleRate)
	}
	if codec == coze.OutputAudioCodecG711A || codec == coze.OutputAudioCodecG711U {
		rate, sample = 8000, 1
	}
	return int(rate**c.FrameSizeMs/1000) * sample
}

// write writes one piece of the server's audio.
func (l *frameLimit) write(ctx context.Context, audio []byte) error {
	for len(audio) > 0 {
		n := len(audio)
		if l.period > 0 {
			if l.frame > 0 {
				n = min(n, l.frame)
			}
			if err := l.wait(ctx); err != nil {
				return err
			}
		}
		if _, err := l.out.Write(audio[:n]); err != nil {
			return speechSocket.wrap(fmt.Errorf("write audio: %w", err))
		}
		audio = audio[n:]
	}
	return nil
}

// wait waits until one more frame may be written, and counts it.
func (l *frameLimit) wait(ctx context.Context) error {
	if len(l.when) < l.most {
		l.when = append(l.when, time.Now())
		return nil
	}
	timer := time.NewTimer(time.Until(l.when[l.next].Add(l.period)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return speechSocket.wrap(context.Cause(ctx))
	}
	l.when[l.next] = time.Now()
	l.next = (l.next + 1) % l.most
	return nil
}
