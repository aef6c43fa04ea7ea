package voice

import (
	"encoding/base64"
	"strconv"
)

// appendAudio appends the JSON of an input_audio_buffer.append event to dst. It allocates only if dst is too short.
func appendAudio(dst []byte, id eventID, audio []byte) []byte {
	dst = append(dst, `{"id":"`...)
	dst = id.append(dst)
	dst = append(dst, `","event_type":"input_audio_buffer.append","data":{"delta":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, audio)
	return append(dst, `"}}`...)
}

// eventID is the id of an event of ours: a prefix that is drawn for each session, and a number; 0 = none.
type eventID struct {
	prefix string
	n      uint64
}

func (id eventID) append(dst []byte) []byte {
	dst = append(dst, id.prefix...)
	if id.n == 0 {
		return dst
	}
	return strconv.AppendUint(dst, id.n, 10)
}

func (id eventID) String() string { return string(id.append(nil)) }
