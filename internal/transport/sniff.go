package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// contentOf is what files of an extension hold, in the words of [http.DetectContentType]. The server compares the two and
// refuses a file where they disagree, with a code that does not say so.
var contentOf = map[string][]string{
	"png": {"image/png"}, "jpg": {"image/jpeg"}, "jpeg": {"image/jpeg"}, "gif": {"image/gif"}, "webp": {"image/webp"},
	"bmp": {"image/bmp"}, "pdf": {"application/pdf"}, "zip": {"application/zip"}, "docx": {"application/zip"},
	"xlsx": {"application/zip"}, "pptx": {"application/zip"}, "gz": {"application/x-gzip"}, "gzip": {"application/x-gzip"},
	"rar": {"application/x-rar-compressed"}, "wav": {"audio/wave"}, "ogg": {"application/ogg"}, "mp3": {"audio/mpeg"},
	"mp4": {"video/mp4"}, "m4v": {"video/mp4"}, "avi": {"video/avi"}, "webm": {"video/webm"},
}

const sniffBytes = 512

// sniff refuses a file that surely holds something else than its extension says. It reads the first bytes and puts them
// back: by seeking, or in front of the rest.
func sniff(f *call.Upload) error {
	want := contentOf[strings.ToLower(strings.TrimPrefix(path.Ext(f.Name), "."))]
	if want == nil {
		return nil
	}
	head := make([]byte, sniffBytes)
	seeker, seekable := f.Reader.(io.Seeker)
	var at int64
	if seekable {
		var err error
		if at, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			seekable = false
		}
	}
	n, err := io.ReadFull(f.Reader, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	if seekable {
		if _, err := seeker.Seek(at, io.SeekStart); err != nil {
			return fmt.Errorf("file %s: %w", f.Name, err)
		}
	} else {
		f.Reader = io.MultiReader(bytes.NewReader(head[:n]), f.Reader)
	}
	return CheckContent(f.Name, head[:n])
}

// CheckContent refuses a file whose first bytes, of which 512 count, surely are of something else than its extension says.
func CheckContent(name string, head []byte) error {
	want := contentOf[strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))]
	got, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if want == nil || len(head) == 0 || slices.Contains(want, got) || !isSpecific(got) {
		return nil
	}
	return fmt.Errorf("file %s holds %s, not %s as its extension says; the server refuses such files: rename it", name, got, want[0])
}

// isSpecific tells a type that was recognised by a signature from the guesses for anything else.
func isSpecific(kind string) bool {
	if kind == "text/html" {
		return true // a saved error page
	}
	for _, kinds := range contentOf {
		if slices.Contains(kinds, kind) {
			return true
		}
	}
	return false
}
