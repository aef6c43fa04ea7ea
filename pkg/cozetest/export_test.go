package cozetest

import (
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// WithDocument makes a server of another document.
func WithDocument(text []byte) (Option, error) {
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	d, err := newDocument(spec)
	return optionFunc(func(c *config) { c.document = d }), err
}

// LoadCompact is how a server reads the document.
func LoadCompact() (*openapi3.T, error) { return loadCompact() }

// OwnOperations tells which operations have code of their own.
func OwnOperations() []string { return sortedKeys(handlers) }

// Sample makes a value of a schema, as answers get it.
func Sample(schema *openapi3.Schema, field string) any {
	m := sampler{name: field, now: 1_720_000_000}
	return m.value(schema, field)
}

// AddToken makes the server accept a token that has these scopes only.
func (s *Server) AddToken(token string, scopes ...string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.tokens[token] = &identity{userID: DefaultUserID, scopes: append([]string{}, scopes...)}
}

// HearAll makes samples of audio that comes in pieces.
func HearAll(in *cozeapi.InputAudio, pieces ...[]byte) []int16 {
	e := newEar(in)
	var all []int16
	for _, p := range pieces {
		all = append(all, e.hear(p)...)
	}
	return all
}
