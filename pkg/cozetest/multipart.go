package cozetest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"mime"
	"strings"
)

// part is one part of an upload.
type part struct {
	name     string
	filename string // as sent
	size     int64  // bytes
	sum      uint32 // CRC-32 of the content of a part with a file name
	text     string // content of a part without a file name
}

// maxPartText bounds the text of a part, in bytes.
const maxPartText = 1 << 20

// readParts reads an upload as it comes and keeps no files.
func (x *exchange) readParts() ([]part, error) {
	r, err := x.r.MultipartReader()
	if err != nil {
		return nil, refuse(codeInvalidParameter, "/body: %v", err)
	}
	var parts []part
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, refuse(codeInvalidParameter, "/body: %v", err)
		}
		_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil {
			return nil, refuse(codeInvalidParameter, "/body: a part without a name: %v", err)
		}
		one := part{name: params["name"], filename: params["filename"]}
		if one.filename == "" {
			b, err := io.ReadAll(io.LimitReader(p, maxPartText))
			if err != nil {
				return nil, refuse(codeInvalidParameter, "/body/%s: %v", one.name, err)
			}
			one.text, one.size = string(b), int64(len(b))
		} else {
			sum := crc32.NewIEEE()
			if one.size, err = io.Copy(sum, p); err != nil {
				return nil, refuse(codeInvalidParameter, "/body/%s: %v", one.name, err)
			}
			one.sum = sum.Sum32()
		}
		parts = append(parts, one)
	}
}

// checkParts checks an upload against the document and records what breaks it.
func (x *exchange) checkParts(parts []part) error {
	f := x.findInParts(parts)
	if f == nil {
		return nil
	}
	x.violate(f.pointer, f.rule, f.message)
	return refuse(codeInvalidParameter, "%s: %s (rule %s)", f.pointer, f.message, f.rule)
}

func (x *exchange) findInParts(parts []part) *finding {
	schema := x.op.bodies["multipart/form-data"]
	properties, _ := propertiesOf(schema)
	form := map[string][]string{}
	for _, p := range parts {
		s := properties[p.name]
		switch {
		case s == nil && !x.srv.cfg.unknownFields:
			return &finding{"/body/" + p.name, "unknown", "the document has no such part"}
		case strings.ContainsAny(p.filename, `/\`):
			return &finding{"/body/" + p.name, "filename", fmt.Sprintf("the file name %q holds a path", p.filename)}
		case s != nil && s.Format == "binary" && p.filename == "":
			return &finding{"/body/" + p.name, "filename", "the part has no file name"}
		}
		form[p.name] = append(form[p.name], p.text)
	}
	if err := schema.VisitJSON(formValues(schema, form)); err != nil {
		return describe("/body", err)
	}
	return nil
}
