package cozetest

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// act is something that takes its time: an answer of a bot, a text that is spoken, the text of what was heard. A goroutine performs
// it; its events go through the segment to the writer of the session, one by one, so that it can be broken off between any two.
type act struct {
	s       *session
	turn    *Turn // nil for what is no chat
	segment *segment
	ctx     context.Context // ends when the act is broken off
	cancel  context.CancelFunc
	once    sync.Once
	stopped bool // nothing of it is sent any more; guarded by the mutex of the session
	dropped bool // by its script; the writer's, and read when that has ended
}

func (s *session) newAct() *act {
	a := &act{s: s, segment: newSegment()}
	a.ctx, a.cancel = context.WithCancel(s.ctx)
	return a
}

// current is what goes on; nil for nothing.
func (s *session) current() *act {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.act
}

// begin lets the writer take from an act. What went on before has ended.
func (s *session) begin(a *act) {
	s.mu.Lock()
	s.act = a
	s.mu.Unlock()
	s.signal()
}

// perform begins an act that f performs in a goroutine of its own, and breaks off what goes on. Methods of the act end that
// goroutine when it is broken off.
func (s *session) perform(f func(*act)) {
	if last := s.current(); last != nil {
		s.stop(last)
	}
	a := s.newAct()
	s.begin(a)
	s.srv.spawn(func() {
		defer a.cancel()
		defer close(a.segment.frames)
		f(a)
	})
}

// stop breaks an act off: nothing of it is sent any more, and last is sent instead. Events that were told before come first.
func (s *session) stop(a *act, last ...outgoing) {
	s.mu.Lock()
	if s.act == a {
		s.act = nil
	}
	a.stopped = true
	s.queue = append(s.queue, last...)
	s.mu.Unlock()
	a.breakOff()
	s.signal()
}

// breakOff lets the goroutine of the act go.
func (a *act) breakOff() {
	a.once.Do(func() {
		a.cancel()
		close(a.segment.gone)
	})
}

// leave is for an act whose client has gone. A chat ends, unless its script has dropped the connection.
func (a *act) leave() {
	if a.turn != nil && !a.dropped {
		a.turn.stop()
	}
	a.breakOff()
}

// conclude lets an act that is about to end get to its end: what is left of it comes before what is told from now on. It does not
// wait, since the writer may be waiting for a client that sends and does not read meanwhile.
func (s *session) conclude(a *act) {
	s.mu.Lock()
	if s.act == a {
		s.act = nil
		s.queue = append(s.queue, outgoing{rest: a})
	}
	s.mu.Unlock()
	s.signal()
}

// event hands an event to the writer, and ends the goroutine if the act is broken off.
func (a *act) event(name string, data any) {
	f := frame{name: name, bytes: a.s.encode(name, data)}
	select {
	case a.segment.frames <- f:
	case <-a.ctx.Done():
		runtime.Goexit()
	}
}

// wait waits, and ends the goroutine if the act is broken off.
func (a *act) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.ctx.Done():
		runtime.Goexit()
	}
}

// say performs a text: start is called for each sentence, chunk for each piece of its audio.
func (a *act) say(text string, voice *outputVoice, start func(sentence string), chunk func(audio []byte)) {
	rest, n := text, 0
	for rest != "" {
		var sentence string
		sentence, rest = cutSentence(rest)
		if sentence == "" {
			sentence, rest = rest, ""
		}
		start(sentence)
		for _, audio := range voice.speak(sentence, rest == "") {
			if n > 0 {
				a.wait(a.s.srv.cfg.deltaPause)
			}
			a.wait(voice.pauseBefore(n))
			chunk(audio)
			n++
		}
	}
}

// pauseBetween waits before part i of something, unless it is the first.
func (a *act) pauseBetween(i int) {
	if i > 0 {
		a.wait(a.s.srv.cfg.deltaPause)
	}
}
