package cozetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

type plainFault Fault // without the methods

// faultForm is a fault in JSON; its duration hides the one of Fault.
type faultForm struct {
	*plainFault
	Duration string `json:"duration,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (f Fault) MarshalJSON() ([]byte, error) {
	form := faultForm{plainFault: (*plainFault)(&f)}
	if f.Duration != 0 {
		form.Duration = f.Duration.String()
	}
	return json.Marshal(form)
}

// UnmarshalJSON implements [json.Unmarshaler]. It refuses fields that a fault does not have.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var plain plainFault
	form := faultForm{plainFault: &plain}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		return err
	}
	if form.Duration != "" {
		var err error
		if plain.Duration, err = time.ParseDuration(form.Duration); err != nil {
			return fmt.Errorf("duration %q: want one such as 250ms, 2s or 1h", form.Duration)
		}
	}
	*f = Fault(plain)
	return nil
}
