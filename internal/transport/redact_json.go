package transport

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The directions of [isSensitive].
type direction func(folded string) bool

var (
	inRequests direction = sensitiveInRequests
	inAnswers  direction = sensitiveInAnswers
)

// secretName tells the usual names of secrets, for fields that the document does not have.
var secretName = regexp.MustCompile(`(password|passwd|secret|apikey|accesskey|privatekey|` +
	`(access|refresh|auth|session|security|room|id)token|credentials?|authorization|cookies?|assertion)$`)

// isSensitive tells whether the values of a field, a parameter or a header are secrets: by the document, or else by its name.
func isSensitive(d direction, name string) bool {
	folded := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	return d(folded) || secretName.MatchString(folded)
}

// RedactRequest replaces, in the JSON body of a request, the values of the fields that the document marks as sensitive by
// "[redacted]". Numbers, booleans, null and "" stay; layout does not.
func RedactRequest(raw []byte) ([]byte, error) { return redactJSON(raw, inRequests) }

// RedactAnswer does the same for an answer, or the data of an event.
func RedactAnswer(raw []byte) ([]byte, error) { return redactJSON(raw, inAnswers) }

func redactJSON(raw []byte, d direction) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), decodeOptions)
	var out bytes.Buffer
	out.Grow(len(raw))
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		if err := enc.WriteToken(tok); err != nil {
			return nil, err
		}
		if within, n := dec.StackIndex(dec.StackDepth()); within == '{' && n%2 == 1 && tok.Kind() == '"' && isSensitive(d, tok.String()) {
			if err := redactValue(dec, enc); err != nil {
				return nil, err
			}
		}
		if dec.StackDepth() == 0 {
			return bytes.TrimSpace(out.Bytes()), nil
		}
	}
}

func redactValue(dec *jsontext.Decoder, enc *jsontext.Encoder) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"', '{', '[':
		if string(v) != `""` {
			return enc.WriteToken(jsontext.String(redacted))
		}
	}
	return enc.WriteValue(v)
}
