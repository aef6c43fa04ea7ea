package call

import "time"

// Drift is one place where an answer of a server and api/openapi.yaml do not agree. It holds names, kinds and sizes, and no
// content: the only value that it ever shows is a short word in the place of an enum.
type Drift struct {
	Time      time.Time   `json:"time"`               // when it was found
	Rule      DriftRule   `json:"rule"`               // what the document and the answer do not agree about
	Source    DriftSource `json:"source"`             // what kind of message it was
	Operation string      `json:"operation"`          // operationId of the document, such as RetrieveBot
	Event     string      `json:"event,omitempty"`    // name of the event, of a stream or a websocket
	Pointer   string      `json:"pointer"`            // JSON pointer of the place in the message; members of maps are *
	Document  string      `json:"document,omitempty"` // JSON pointer of the schema in the document that was not kept to
	Field     string      `json:"field,omitempty"`    // name of the field that is unknown or missing
	Want      string      `json:"want,omitempty"`     // what the document says
	Got       string      `json:"got,omitempty"`      // kind and size of what came, such as string(12) or list(3) of object{id,name}
	Value     string      `json:"value,omitempty"`    // the unknown enum value, if it is a short word or a small number
	LogID     string      `json:"log_id,omitempty"`   // log id of the call, to quote to Coze support
}

// DriftRule says what a [Drift] is about.
type DriftRule string

// The rules of a contract check.
const (
	DriftUnknownField DriftRule = "unknown-field" // a field that the document does not have
	DriftMissingField DriftRule = "missing-field" // a field that the document requires is absent or null
	DriftWrongKind    DriftRule = "wrong-kind"    // a string for a number, a fraction for an integer, 64 bits for 32, and so on
	DriftWrongUnit    DriftRule = "wrong-unit"    // a time whose size says milliseconds for seconds, or seconds for milliseconds
	DriftNewEnumValue DriftRule = "new-enum-value"
	DriftUnknownEvent DriftRule = "unknown-event" // an event that the document does not have; its data is not looked at
	DriftNotJSON      DriftRule = "not-json"      // data of an event that is not JSON
	DriftCheckFailed  DriftRule = "check-failed"  // the check itself has a fault: please report it; the call was not harmed
)

// DriftSource is the kind of message that a [Drift] was found in.
type DriftSource string

// What a contract check looks at.
const (
	DriftInAnswer  DriftSource = "answer"  // a JSON answer that reports success
	DriftInRefusal DriftSource = "refusal" // a JSON answer that reports an error
	DriftInEvent   DriftSource = "event"   // the data of a server-sent event
	DriftInFrame   DriftSource = "frame"   // an event of a websocket, with its envelope
)
