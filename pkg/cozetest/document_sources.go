package cozetest

import (
	"encoding/base64"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Sources of files in knowledge bases.
const (
	sourceLocal  = 0
	sourceWeb    = 1
	sourceUpload = 5
)

var (
	textFormats  = []string{"pdf", "txt", "doc", "docx"}
	imageFormats = []string{"jpg", "jpeg", "png", "gif", "webp", "bmp", "heic", "heif", "tiff"}
)

// checkDocuments refuses files that do not fit each other or their knowledge base.
func checkDocuments(req *cozeapi.CreateDocumentsRequest, d *dataset) error {
	chunks := req.ChunkStrategy
	tokens := valueOf(chunks.MaxTokens)
	switch {
	case int(req.FormatType) != d.format:
		return refuse(codeInvalidParameter, "format_type is %d, that of dataset %s is %d", req.FormatType, d.id, d.format)
	case valueOf(chunks.ChunkType) == 1 && (chunks.Separator == "" || tokens < 100 || tokens > 2000):
		return refuse(codeInvalidParameter, "chunk_strategy: chunk_type 1 needs separator and max_tokens from 100 to 2000")
	case d.format == formatImage && len(d.files) == 0 && chunks.CaptionType == nil:
		return refuse(codeInvalidParameter, "chunk_strategy: the first images of a dataset need caption_type")
	}
	first := sourceOf(req.DocumentBases[0].SourceInfo)
	for i, base := range req.DocumentBases {
		if base.Name == "" {
			return refuse(codeInvalidParameter, "document_bases[%d] has no name", i)
		}
		if sourceOf(base.SourceInfo) != first {
			return refuse(codeInvalidParameter, "document_bases[%d] has another kind of source than the one before", i)
		}
		if base.UpdateRule != nil {
			if err := checkUpdateRule(base.UpdateRule); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkUpdateRule(r *cozeapi.UpdateRule) error {
	if hours := valueOf(r.UpdateInterval); valueOf(r.UpdateType) != 0 && hours < 24 {
		return refuse(codeInvalidParameter, "update_rule: update_interval is %d hours, at least 24 are allowed", hours)
	}
	return nil
}

// sourceOf is the source that the fields of a file speak of, -1 if there is not exactly one.
func sourceOf(s cozeapi.SourceInfo) int {
	source, n := -1, 0
	for kind, value := range map[int]string{sourceLocal: s.FileBase64, sourceWeb: s.WebURL, sourceUpload: s.SourceFileID} {
		if value != "" {
			source = kind
			n++
		}
	}
	if n != 1 || int(valueOf(s.DocumentSource)) != source {
		return -1
	}
	return source
}

// newDatasetFile makes the file that entry i of a request describes. The caller holds mu.
func (x *exchange) newDatasetFile(i int, base cozeapi.DocumentBase, format int) (*datasetFile, error) {
	now := x.srv.now()
	f := &datasetFile{
		id: x.srv.ids.next(), name: base.Name, source: sourceOf(base.SourceInfo), caption: base.Caption,
		rule: valueOf(base.UpdateRule), fails: strings.Contains(base.Name, "bad"), creator: x.caller.userID, created: now, updated: now,
	}
	if format == formatImage && f.source != sourceUpload {
		return nil, refuse(codeInvalidParameter, "document_bases[%d]: images need source_file_id and document_source 5", i)
	}
	in := base.SourceInfo
	formats := textFormats
	switch f.source {
	case sourceLocal:
		content, err := base64.StdEncoding.DecodeString(in.FileBase64)
		if err != nil {
			return nil, refuse(codeInvalidParameter, "document_bases[%d]: file_base64: %v", i, err)
		}
		f.kind, f.size = strings.ToLower(in.FileType), len(content)
	case sourceWeb:
		u, err := url.Parse(in.WebURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, refuse(codeInvalidParameter, "document_bases[%d]: %q is not the URL of a web page", i, in.WebURL)
		}
		f.kind, f.size, f.webURL = "html", 1024, in.WebURL
		return f, nil
	case sourceUpload:
		uploaded, err := x.file(in.SourceFileID)
		if err != nil {
			return nil, err
		}
		f.kind, f.size, f.fileID = extension(uploaded.FileName), int(uploaded.Bytes), uploaded.ID
		if format == formatImage {
			formats = imageFormats
		}
	default:
		return nil, refuse(codeInvalidParameter,
			"document_bases[%d] needs file_base64, or web_url with document_source 1, or source_file_id with document_source 5", i)
	}
	if !slices.Contains(formats, f.kind) {
		return nil, refuse(codeFileFormat, "document_bases[%d]: files of format %q are not supported here", i, f.kind)
	}
	return f, nil
}

// extension is the extension of a file name in lower case, without the dot.
func extension(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

// file finds an uploaded file of the caller. The caller holds mu.
func (x *exchange) file(id string) (*file, error) {
	f := x.srv.state.files[id]
	if f == nil || f.owner != x.caller.userID {
		return nil, notFound("file", id)
	}
	return f, nil
}
