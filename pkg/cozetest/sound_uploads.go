package cozetest

import "slices"

// soundUpload is an upload of one recording with the other parts of its form.
type soundUpload struct {
	form map[string]string
	file part // without a name if there is none
}

// readSoundUpload reads and checks an upload whose part file is a recording of at most limit bytes, and of one of the formats if
// there are any. It refuses one without a file.
func (x *exchange) readSoundUpload(limit int64, formats []string) (*soundUpload, error) {
	up, err := x.readSoundForm(limit, formats)
	switch {
	case err != nil:
		return nil, err
	case up.file.name == "":
		return nil, refuse(codeFileMissing, "no recording: send it as part file")
	}
	return up, nil
}

// readSoundForm is readSoundUpload for a form whose file may be left out.
func (x *exchange) readSoundForm(limit int64, formats []string) (*soundUpload, error) {
	parts, err := x.readParts()
	if err != nil {
		return nil, err
	}
	up := &soundUpload{form: map[string]string{}}
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
		return up, nil // which readSoundUpload refuses with a code of its own
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
