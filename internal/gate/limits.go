package gate

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// Table is a map of bounded size that forgets what was used least recently. It is not safe for concurrent use.
type Table[V any] struct {
	max    int
	recent *list.List // of entries, the newest first
	byKey  map[string]*list.Element
}

type entry[V any] struct {
	key   string
	value V
}

// NewTable returns a table of at most size entries.
func NewTable[V any](size int) *Table[V] {
	return &Table[V]{max: size, recent: list.New(), byKey: map[string]*list.Element{}}
}

// Get returns the value of a key.
func (t *Table[V]) Get(key string) (v V, ok bool) {
	e := t.byKey[key]
	if e == nil {
		return v, false
	}
	t.recent.MoveToFront(e)
	return e.Value.(*entry[V]).value, true
}

// Set sets the value of a key.
func (t *Table[V]) Set(key string, v V) {
	if e := t.byKey[key]; e != nil {
		e.Value.(*entry[V]).value = v
		t.recent.MoveToFront(e)
		return
	}
	if len(t.byKey) >= t.max {
		oldest := t.recent.Back()
		t.recent.Remove(oldest)
		delete(t.byKey, oldest.Value.(*entry[V]).key)
	}
	t.byKey[key] = t.recent.PushFront(&entry[V]{key, v})
}

// Len returns the number of entries.
func (t *Table[V]) Len() int { return len(t.byKey) }

// Limits bounds how often each of many keys may do something. It is safe for concurrent use.
type Limits struct {
	perSecond rate.Limit
	burst     int

	mu    sync.Mutex
	table *Table[*rate.Limiter]
}

const maxLimiters = 100_000

// NewLimits allows burst at once and perSecond after that.
func NewLimits(perSecond float64, burst int) *Limits {
	return &Limits{perSecond: rate.Limit(perSecond), burst: burst, table: NewTable[*rate.Limiter](maxLimiters)}
}

// Allow tells whether key may do it now.
func (l *Limits) Allow(key string) bool {
	l.mu.Lock()
	r, ok := l.table.Get(key)
	if !ok {
		r = rate.NewLimiter(l.perSecond, l.burst)
		l.table.Set(key, r)
	}
	l.mu.Unlock()
	return r.Allow()
}

// RemoteIP is who sent a request, as far as limits go: an IPv4 address, or the /64 network of an IPv6 address.
func RemoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64) // an IPv6 address has them
	return network.String()
}
