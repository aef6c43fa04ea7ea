package cozetest

import "slices"

// recording is an upload of one recording with the other parts of its form.
type recording struct {
	form map[string]string
	file part // without a name if there is none
}

// readRecording reads and checks an upload whose part file is a recording of at most limit bytes, and of one of the formats if
// there are any. It refuses one without a file.
func (x *exchange) readRecording(limit int64, formats []string) (*recording, error) {
	up, err := x.readForm(limit, formats)
	switch {
	case err != nil:
		return nil, err
	case up.file.name == "":
		return nil, refuse(codeFileMissing, "no recording: send it as part file")
	}
	return up, nil
}

// readForm is readRecording for a form whose file may be left out.
func (x *exchange) readForm(limit int64, formats []string) (*recording, error) {
	parts, err := x.readParts()
	if err != nil {
		return nil, err
	}
	up := &recording{form: map[string]string{}}
	files := 0
	for _, p := range parts {
		if p.name == "file" {
			up.file = p
			files++
		} else {
			up.form[p.name] = p.text
		}
	}
	if files == 0 && slices.Contains(x.op.bodies["multipart/form-data"].Required, "file") {
		return up, nil // which readRecording refuses with a code of its own
	}
	if files > 1 {
		return nil, refuse(codeTooManyFiles, "%d files in one request", files)
	}
	if err := x.checkParts(parts); err != nil {
		return nil, err
	}
	format := extension(up.file.filename)
	switch {
	case files == 0:
	case up.file.size == 0:
		return nil, refuse(codeFileInvalid, "the recording is empty")
	case up.file.size > limit:
		return nil, refuse(codeFileTooLarge, "%s has %d bytes, the limit is %d", up.file.filename, up.file.size, limit)
	case len(formats) > 0 && !slices.Contains(formats, format):
		return nil, refuse(codeFileFormat, "recordings of format %q are not supported here", format)
	}
	return up, nil
}
