package gate_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/internal/gate"
)

// TestTable: it holds no more than its size, and forgets what was not used for longest.
func TestTable(t *testing.T) {
	t.Parallel()
	table := gate.NewTable[int](3)
	for i := range 3 {
		table.Set(fmt.Sprint(i), i)
	}
	table.Get("0")
	table.Set("1", 11)
	table.Set("3", 3)
	for key, want := range map[string]int{"0": 0, "1": 11, "3": 3} {
		if v, ok := table.Get(key); !ok || v != want {
			t.Errorf("%s: %d, %v", key, v, ok)
		}
	}
	if _, ok := table.Get("2"); ok || table.Len() != 3 {
		t.Errorf("the oldest is still there, of %d", table.Len())
	}
}

// TestRemoteIP: an IPv6 host has a network of addresses, which count as one.
func TestRemoteIP(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.7:1234":               "192.0.2.7",
		"[::ffff:192.0.2.7]:1234":      "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:1234":  "2001:db8:1:2::/64",
		"[fe80::1%eth0]:1234":          "fe80::/64",
		"@":                            "@",
		"[2001:db8:1:2:ffff::1]:65535": "2001:db8:1:2::/64",
	} {
		if got := gate.RemoteIP(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}
