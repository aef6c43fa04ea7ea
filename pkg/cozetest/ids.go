package cozetest

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// idSource makes ids that look like the platform's: 64-bit numbers of 19 digits that grow with time.
type idSource struct {
	seed uint64
	n    atomic.Uint64
}

const (
	firstID = 7_400_000_000_000_000_000
	idSpan  = 1 << 56 // seeds spread over this, so that servers of different seeds hand out different ids
	idStep  = 1 << 20
)

func (s *idSource) next() string {
	n := s.n.Add(1)
	id := firstID + mix(s.seed, 1)%idSpan + n*idStep + mix(s.seed, n)%idStep
	return strconv.FormatUint(id, 10)
}

// logID makes a log id of the platform's form: the time, then upper-case hex digits.
func (s *idSource) logID(now time.Time) string {
	n := s.n.Add(1)
	return now.UTC().Format("20060102150405") + strings.ToUpper(fmt.Sprintf("%016x%02x", mix(s.seed, n), byte(n)))
}

// mix is splitmix64: a number that looks random for each pair.
func mix(seed, n uint64) uint64 {
	z := seed*0x9e3779b97f4a7c15 + (n+1)*0xbf58476d1ce4e5b9
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
