package recording

// Decode reads a file.
func Decode(text []byte) error {
	_, err := decode(text)
	return err
}

// Again reads a file, writes it, and reads and writes that: the texts of both.
func Again(text []byte) (first, second []byte, err error) {
	x, err := decode(text)
	if err != nil {
		return nil, nil, err
	}
	if first, err = x.encode(); err != nil {
		return nil, nil, err
	}
	if x, err = decode(first); err != nil {
		return nil, nil, err
	}
	second, err = x.encode()
	return first, second, err
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
