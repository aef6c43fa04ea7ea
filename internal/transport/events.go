package transport

import (
	"fmt"

	"encoding/json"
)

// The sizes of chunks of an arena, in bytes: they double, because thousands of streams may be open and hardly used.
const (
	firstChunk = 512
	lastChunk  = 4 << 10
)

// RawArena copies the data of events into chunks, so that events can be kept without an allocation for each. Keeping one
// of them keeps a chunk of at most 4 KiB.
type RawArena struct {
	free []byte
	size int // of the last chunk
}

// Clone returns a copy of data, nil if it is empty.
func (a *RawArena) Clone(data []byte) json.RawMessage {
	if len(data) == 0 {
		return nil
	}
	if len(data) > lastChunk/4 {
		return append([]byte(nil), data...)
	}
	if len(data) > len(a.free) {
		a.size = min(max(2*a.size, firstChunk, len(data)), lastChunk)
		a.free = make([]byte, a.size)
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
