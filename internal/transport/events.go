package transport

import (
	"fmt"

	"encoding/json"
)

const arenaBytes = 4 << 10

// RawArena copies the data of events into chunks, so that events can be kept without an allocation for each. Keeping one
// of them keeps a chunk of 4 KiB.
type RawArena struct{ free []byte }

// Clone returns a copy of data, nil if it is empty.
func (a *RawArena) Clone(data []byte) json.RawMessage {
	if len(data) == 0 {
		return nil
	}
	if len(data) > arenaBytes/4 {
		return append([]byte(nil), data...)
	}
	if len(data) > len(a.free) {
		a.free = make([]byte, arenaBytes)
	}
	n := copy(a.free, data)
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}

// UnmarshalEvent decodes the data of an event. The last event of a stream may carry anything: servers send [DONE] with
// and without quotes, an object, or nothing.
func UnmarshalEvent(name string, data []byte, v any, last bool) error {
	err := Unmarshal(data, v)
	if err == nil || last {
		return nil
	}
	return fmt.Errorf("event %s: %w: %s", name, err, excerpt(data))
}
