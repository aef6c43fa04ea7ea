package webchat

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/coze"
)

// DefaultUploadTypes are the extensions of files that visitors may upload unless a configuration says otherwise: pictures,
// documents and sound.
func DefaultUploadTypes() []string {
	return slices.Concat(strings.Fields("png jpg jpeg gif webp bmp heic pdf doc docx xls xlsx ppt pptx csv"), audioTypes)
}

// audioTypes are the extensions of recordings.
var audioTypes = strings.Fields("wav mp3 m4a ogg aac flac webm")

const (
	sniffBytes  = 512
	maxFileName = 200 // bytes
)

// upload passes one file on, in a body that is made anew: one part, named file, with a name and a content that are looked at.
func (p *visitorProxy) upload(c *call, types []string) error {
	if c.Upload == nil {
		return badRequest("the body is not multipart/form-data")
	}
	_, params, err := mime.ParseMediaType(c.Upload.ContentType)
	if err != nil || params["boundary"] == "" {
		return badRequest("the multipart body has no boundary")
	}
	in := multipart.NewReader(c.Upload.Body, params["boundary"])
	file, err := in.NextRawPart()
	if err != nil || file.FormName() != "file" {
		return gate.Refuse(http.StatusBadRequest, coze.CodeFileMissing, "the first part is not the file")
	}
	name := cleanFileName(file.FileName())
	if extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")); !slices.Contains(types, extension) {
		message := fmt.Sprintf("files of type %q are not taken here", extension)
		return gate.Refuse(http.StatusBadRequest, coze.CodeFileFormatUnsupported, message)
	}
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest("the file did not come whole")
	}
	if err := checkContent(name, head[:n]); err != nil {
		return err
	}
	boundary := "cozekit" + rand.Text()
	first := "--" + boundary + "\r\n" +
		"Content-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: application/octet-stream\r\n\r\n"
	last := "\r\n--" + boundary + "--\r\n"
	c.Upload = &coze.ProxyUpload{
		ContentType: "multipart/form-data; boundary=" + boundary, Size: -1,
		Body: io.MultiReader(strings.NewReader(first), bytes.NewReader(head[:n]), file, &noMore{in}, strings.NewReader(last)),
	}
	return nil
}

// noMore reads nothing, and fails if there is another part.
type noMore struct{ in *multipart.Reader }

func (m *noMore) Read([]byte) (int, error) {
	_, err := m.in.NextRawPart()
	if err == nil {
		return 0, gate.Refuse(http.StatusBadRequest, coze.CodeTooManyFiles, "there is more than one part")
	}
	return 0, err
}

// cleanFileName drops directories, quotes and all that is not printed.
func cleanFileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '"' {
			return -1
		}
		return r
	}, textproto.TrimString(name)), "")
	if len(name) > maxFileName {
		extension := path.Ext(name)
		extension = extension[max(0, len(extension)-maxFileName/2):]
		name = strings.ToValidUTF8(name[:maxFileName-len(extension)], "") + extension
	}
	return name
}

// checkContent refuses a file that is something else than its extension says, or a page.
func checkContent(name string, head []byte) error {
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if len(head) == 0 || kind == "text/html" || kind == "text/xml" || transport.CheckContent(name, head) != nil {
		return gate.Refuse(http.StatusBadRequest, coze.CodeFileFormatUnsupported, "the file is not what its extension says")
	}
	return nil
}
