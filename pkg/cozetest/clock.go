package cozetest

import "time"

// Advance moves the clock of the server forward: tokens expire, device codes may be polled again, times in answers are later.
// Pauses are not affected.
func (s *Server) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

// aheadOf makes a clock that [Server.Advance] moves.
func (s *Server) aheadOf(clock func() time.Time) func() time.Time {
	return func() time.Time { return clock().Add(time.Duration(s.ahead.Load())) }
}
