package coze_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestUploadStreams: pitfalls D18 and D19. A file goes out in pieces with its base name, its length known where it can be,
// and memory does not grow with it.
func TestUploadStreams(t *testing.T) { // not parallel: it counts allocations
	const size = 64 << 20
	var got struct {
		length int64
		name   string
		bytes  int64
		peak   uint64
	}
	c := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		got.length = r.ContentLength
		mr, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		p, err := mr.NextPart()
		if err != nil || p.FormName() != "file" {
			t.Errorf("part %v, %v", p, err)
			return
		}
		_, params, _ := strings.Cut(p.Header.Get("Content-Disposition"), "filename=")
		got.name = params
		got.bytes, _ = io.Copy(io.Discard, p)
		_, _ = io.WriteString(w, `{"code":0,"data":{"id":"1","bytes":1,"created_at":"2","file_name":"a.bin"}}`)
	})
	dir := t.TempDir()
	name := filepath.Join(dir, "a.bin")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, size); err != nil {
		t.Fatal(err)
	}
	file, closer, err := coze.OpenUpload(name)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var sent, total int64
	file.Progress = func(s, n int64) { sent, total = s, n }
	f, err := c.Files.Upload(background(t), coze.UploadFileRequest{File: file})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if f.CreatedAt != 2 {
		t.Errorf("created_at as a string decodes to %d", f.CreatedAt)
	}
	if got.bytes != size || got.length <= size || got.name != `"a.bin"` || sent != size || total != size {
		t.Errorf("server saw %+v; progress says %d of %d", got, sent, total)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d MiB were allocated for an upload of 64 MiB", grown>>20)
	}
}

func TestUploadOfUnknownLength(t *testing.T) {
	t.Parallel()
	var length int64
	c := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		f, h, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		b, _ := io.ReadAll(f)
		if string(b) != "hello" || h.Filename != "b.txt" {
			t.Errorf("got %q as %s", b, h.Filename)
		}
		_, _ = io.WriteString(w, `{"code":0,"data":{}}`)
	})
	for _, path := range []string{"/home/me/b.txt", `C:\Users\me\b.txt`} {
		if _, err := c.Files.Upload(background(t), coze.UploadFileRequest{File: coze.Upload{Name: path, Reader: reader("hello")}}); err != nil {
			t.Fatal(err)
		}
		if length != -1 {
			t.Errorf("Content-Length %d", length)
		}
	}
	short := coze.UploadFileRequest{File: coze.Upload{Name: "b.txt", Reader: reader("hello"), Size: 9}}
	drain := serverClient(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	if _, err := drain.Files.Upload(background(t), short); err == nil || !strings.Contains(err.Error(), "read 5 bytes, announced 9") {
		t.Errorf("a file shorter than announced: %v", err)
	}
	if _, err := c.Files.Upload(background(t), coze.UploadFileRequest{File: coze.Upload{Reader: reader("x")}}); err == nil {
		t.Error("a file without a name was accepted")
	}
}

// TestUploadOfAnotherContent: pitfall 23. A file whose content is surely not what its extension says is refused before it
// is sent, and the bytes that were looked at are sent with the others.
func TestUploadOfAnotherContent(t *testing.T) {
	t.Parallel()
	const png, jpeg = "\x89PNG\r\n\x1a\n....", "\xff\xd8\xff\xe0...."
	var got string
	c := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		if f, _, err := r.FormFile("file"); err == nil {
			b, _ := io.ReadAll(f)
			got = string(b)
		}
		_, _ = io.WriteString(w, `{"code":0,"data":{}}`)
	})
	tests := []struct {
		name, content string
		refused       bool
	}{
		{"a.png", png, false}, {"a.PNG", jpeg, true}, {"a.jpg", png, true}, {"a.jpeg", jpeg, false}, {"a.pdf", "<html>error</html>", true},
		{"a.pdf", "%PDF-1.7 ...", false}, {"a.docx", "PK\x03\x04....", false}, {"a.docx", "%PDF-1.7", true}, {"a.mp3", "\xff\xfb\x90", false},
		{"a.csv", "a,b", false}, {"a.txt", png, false}, {"a", png, false}, {"a.png", "", false}, {"a.gif", "no signature", false},
	}
	for _, tt := range tests {
		for _, r := range []io.Reader{strings.NewReader(tt.content), reader(tt.content)} {
			got = "-"
			_, err := c.Files.Upload(background(t), coze.UploadFileRequest{File: coze.Upload{Name: tt.name, Reader: r}})
			if tt.refused != (err != nil) || err != nil && !strings.Contains(err.Error(), "as its extension says") {
				t.Errorf("%s of %q: %v", tt.name, tt.content, err)
			}
			if !tt.refused && got != tt.content {
				t.Errorf("%s: sent %q, want %q", tt.name, got, tt.content)
			}
		}
	}
}
