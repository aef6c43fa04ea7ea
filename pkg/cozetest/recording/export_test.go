package recording

import "github.com/google/go-cmp/cmp"

// Decode reads a file, and writes and reads it again: the error of that is a fault.
func Decode(text []byte) (diff string, err error) {
	x, err := decode(text)
	if err != nil {
		return "", err
	}
	again, err := x.encode()
	if err != nil {
		return err.Error(), nil
	}
	y, err := decode(again)
	if err != nil {
		return err.Error(), nil
	}
	third, err := y.encode()
	if err != nil {
		return err.Error(), nil
	}
	return cmp.Diff(string(again), string(third)), nil
}

// Clean takes the secrets out of the JSON of an answer.
func Clean(text []byte) (string, error) {
	var r redactor
	clean, _, err := r.json(text, inAnswers)
	return string(clean), err
}

// CleanEvent takes the secrets out of an event.
func CleanEvent(text []byte) string {
	e := eventRecorder{red: &redactor{}}
	return string(e.clean(text))
}

// Secret tells whether a name is one of a secret.
func Secret(name string, request bool) bool {
	d := inAnswers
	if request {
		d = inRequests
	}
	return (&redactor{}).secret(name, d)
}
