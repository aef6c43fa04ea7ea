package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"path"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// Multipart sends a form whose files are streamed: memory use does not depend on their size.
type Multipart struct {
	parts []part
	err   error
}

type part struct {
	name, value string
	file        *call.Upload
	size        int64 // bytes, -1 if unknown
	start       int64 // where a second try begins to read, -1 if it cannot
}

// Multipart starts a multipart body for r.
func (r *Request) Multipart() *Multipart {
	m := &Multipart{}
	r.body = m
	return m
}

// Field adds a text part unless value is empty.
func (m *Multipart) Field(name, value string) {
	if value != "" {
		m.parts = append(m.parts, part{name: name, value: value})
	}
}

// FieldInt adds a number as a text part unless it is nil.
func FieldInt[T ~int | ~int32 | ~int64](m *Multipart, name string, v *T) {
	if v != nil {
		m.Field(name, strconv.FormatInt(int64(*v), 10))
	}
}

// FieldBool adds true or false as a text part unless v is nil.
func (m *Multipart) FieldBool(name string, v *bool) {
	if v != nil {
		m.Field(name, strconv.FormatBool(*v))
	}
}

// File adds a file part; one without a reader is left out unless it is required.
func (m *Multipart) File(name string, f call.Upload, required bool) {
	if f.Reader == nil {
		if required {
			m.err = errors.Join(m.err, fmt.Errorf("%s is required: its Reader is nil", name))
		}
		return
	}
	f.Name = baseName(f.Name)
	if f.Name == "" {
		m.err = errors.Join(m.err, fmt.Errorf("%s: the file needs a Name; the server looks at its extension", name))
	}
	size, start := measure(f)
	if err := sniff(&f); err != nil {
		m.err = errors.Join(m.err, err)
	}
	m.parts = append(m.parts, part{name: name, file: &f, size: size, start: start})
}

// baseName is the last element of a path of any operating system.
func baseName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return ""
	}
	return name
}

// measure finds, without reading, the number of bytes (as given, by seeking, or by Len) and where they start.
func measure(f call.Upload) (size, start int64) {
	size, start = -1, -1
	if s, ok := f.Reader.(io.Seeker); ok {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			end, err := s.Seek(0, io.SeekEnd)
			if _, back := s.Seek(at, io.SeekStart); err == nil && back == nil {
				size, start = end-at, at
			}
		}
	} else if l, ok := f.Reader.(interface{ Len() int }); ok {
		size = int64(l.Len())
	}
	if f.Size > 0 {
		size = f.Size
	}
	return size, start
}

func (m *Multipart) encode(extra []call.ExtraField) (encoded, error) {
	if len(extra) > 0 {
		return encoded{}, errNoJSONBody
	}
	if m.err != nil {
		return encoded{}, m.err
	}
	frames, contentType, err := m.frames()
	if err != nil {
		return encoded{}, err
	}
	sent := false
	return encoded{contentType, m.length(frames), m.seekable(), func() (io.ReadCloser, error) {
		if sent {
			if err := m.rewind(); err != nil {
				return nil, err
			}
		}
		sent = true
		return m.reader(frames), nil
	}}, nil
}

// frames is everything but the files: the bytes before the first file, between two, and after the last.
func (m *Multipart) frames() ([][]byte, string, error) {
	var buf bytes.Buffer
	var frames [][]byte
	w := multipart.NewWriter(&buf)
	for _, p := range m.parts {
		if p.file == nil {
			if err := w.WriteField(p.name, p.value); err != nil {
				return nil, "", err
			}
			continue
		}
		if _, err := w.CreatePart(fileHeader(p)); err != nil {
			return nil, "", err
		}
		frames = append(frames, bytes.Clone(buf.Bytes()))
		buf.Reset()
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return append(frames, buf.Bytes()), w.FormDataContentType(), nil
}

func fileHeader(p part) textproto.MIMEHeader {
	return textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(p.name, p.file.Name)},
		"Content-Type":        {"application/octet-stream"},
	}
}

// length is the size of the whole form, -1 if that of a file is unknown.
func (m *Multipart) length(frames [][]byte) int64 {
	var total int64
	for _, f := range frames {
		total += int64(len(f))
	}
	for _, p := range m.parts {
		if p.file != nil && p.size < 0 {
			return -1
		}
		total += p.size
	}
	return total
}

// reader is the whole form, the files read as it is read: no copy and no goroutine.
func (m *Multipart) reader(frames [][]byte) io.ReadCloser {
	var all []io.Reader
	for _, p := range m.parts {
		if p.file != nil {
			all = append(all, bytes.NewReader(frames[0]), &fileReader{part: p})
			frames = frames[1:]
		}
	}
	return io.NopCloser(io.MultiReader(append(all, bytes.NewReader(frames[0]))...))
}

func (m *Multipart) seekable() bool {
	for _, p := range m.parts {
		if p.file != nil && p.start < 0 {
			return false
		}
	}
	return true
}

func (m *Multipart) rewind() error {
	for _, p := range m.parts {
		if p.file == nil {
			continue
		}
		s, ok := p.file.Reader.(io.Seeker)
		if !ok || p.start < 0 {
			return fmt.Errorf("file %s cannot be sent again: its reader has been read", p.file.Name)
		}
		if _, err := s.Seek(p.start, io.SeekStart); err != nil {
			return fmt.Errorf("file %s: %w", p.file.Name, err)
		}
	}
	return nil
}

// fileReader reads one file, reports progress, and holds the file to the size that was announced.
type fileReader struct {
	part
	sent int64
}

func (f *fileReader) Read(b []byte) (int, error) {
	n, err := f.file.Reader.Read(b)
	f.sent += int64(n)
	if f.size >= 0 && (f.sent > f.size || err == io.EOF && f.sent < f.size) {
		return 0, fmt.Errorf("file %s: read %d bytes, announced %d", f.file.Name, f.sent, f.size)
	}
	if n > 0 && f.file.Progress != nil {
		f.file.Progress(f.sent, f.size)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("file %s: %w", f.file.Name, err)
	}
	return n, err
}
