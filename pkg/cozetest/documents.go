package cozetest

import (
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var documentHandlers = map[string]handler{
	"CreateDocuments":     lockedBody((*exchange).createDocuments),
	"DeleteDocuments":     lockedBody((*exchange).deleteDocuments),
	"GetDocumentProgress": lockedBody((*exchange).getDocumentProgress),
	"ListDocuments":       lockedBody((*exchange).listDocuments),
	"UpdateDocument":      lockedBody((*exchange).updateDocument),
}

// States of a file in a knowledge base.
const (
	fileProcessing = 0
	fileProcessed  = 1
	fileFailed     = 9
)

// datasetFile is a file, a web page or an image in a knowledge base. It is worked on while somebody looks: each answer of
// GetDocumentProgress brings it a step further.
type datasetFile struct {
	id       string
	name     string
	kind     string // extension
	size     int    // bytes
	source   int
	webURL   string
	fileID   string
	caption  string
	describe bool // the platform writes the caption
	rule     cozeapi.UpdateRule
	chunks   cozeapi.ChunkStrategy
	looks    int
	fails    bool
	creator  string
	created  int64 // Unix seconds
	updated  int64
}

// lastLook is the answer of GetDocumentProgress, counted from 1, that tells how it ended.
const lastLook = 3

func (f *datasetFile) status() int {
	switch {
	case f.looks < lastLook:
		return fileProcessing
	case f.fails:
		return fileFailed
	}
	return fileProcessed
}

// slices is the number of segments, one for each 1,000 bytes.
func (f *datasetFile) slices() int {
	if f.status() != fileProcessed {
		return 0
	}
	return f.size/1000 + 1
}

// look brings the work a step further: 0, 50 and 100 percent.
func (f *datasetFile) look() {
	if f.looks < lastLook {
		f.looks++
	}
	if f.status() == fileProcessed && f.describe && f.caption == "" {
		f.caption = "A picture called " + f.name
	}
}

func (f *datasetFile) progress() map[string]any {
	percent := 50 * (f.looks - 1)
	m := map[string]any{
		"document_id": f.id, "document_name": f.name, "url": f.url(), "size": f.size, "type": f.kind, "status": f.status(),
		"progress": percent, "remaining_time": lastLook - f.looks, "update_type": f.updateType(), "update_interval": f.updateInterval(),
	}
	if f.status() == fileFailed {
		m["progress"], m["status_descript"] = percent/2, "the file could not be read"
	}
	return m
}

func (f *datasetFile) url() string {
	if f.webURL != "" {
		return f.webURL
	}
	return "https://example.com/documents/" + f.id
}

func (f *datasetFile) updateType() int     { return int(valueOf(f.rule.UpdateType)) }
func (f *datasetFile) updateInterval() int { return int(valueOf(f.rule.UpdateInterval)) }

// valueOf is what a pointer of a request points to, zero if it was left out.
func valueOf[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func (f *datasetFile) info(d *dataset) map[string]any {
	m := map[string]any{
		"document_id": f.id, "name": f.name, "type": f.kind, "size": f.size, "char_count": f.size, "slice_count": f.slices(),
		"hit_count": 0, "status": f.status(), "format_type": d.format, "source_type": f.source, "update_type": f.updateType(),
		"update_interval": f.updateInterval(), "chunk_strategy": f.chunks, "tos_uri": "documents/" + f.id,
		"create_time": f.created, "update_time": f.updated, "creator_id": f.creator, "space_id": d.workspace,
	}
	if f.webURL != "" {
		m["web_url"] = f.webURL
	}
	if f.fileID != "" {
		m["source_file_id"] = f.fileID
	}
	return m
}

// datasetFile finds a file in any knowledge base. The caller holds mu.
func (x *exchange) datasetFile(id string) (*dataset, *datasetFile, error) {
	for _, d := range x.srv.state.datasets {
		if f := d.file(id); f != nil {
			return d, f, nil
		}
	}
	return nil, nil, notFound("document", id)
}

func (d *dataset) file(id string) *datasetFile {
	i := slices.IndexFunc(d.files, func(f *datasetFile) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return d.files[i]
}

func (x *exchange) createDocuments(req *cozeapi.CreateDocumentsRequest) (any, error) {
	d, err := x.ownDataset(req.DatasetID)
	if err != nil {
		return nil, err
	}
	if err := checkDocuments(req, d); err != nil {
		return nil, err
	}
	var added []*datasetFile
	infos := []map[string]any{}
	for i, base := range req.DocumentBases {
		f, err := x.newDatasetFile(i, base, d.format)
		if err != nil {
			return nil, err
		}
		f.chunks = req.ChunkStrategy
		f.describe = d.format == formatImage && valueOf(req.ChunkStrategy.CaptionType) == 0
		added = append(added, f)
		infos = append(infos, f.info(d))
	}
	d.files = append(d.files, added...)
	d.updated = x.srv.now()
	return flat{"document_infos": infos}, nil
}

func (x *exchange) updateDocument(req *cozeapi.UpdateDocumentRequest) (any, error) {
	d, f, err := x.datasetFile(req.DocumentID)
	if err != nil {
		return nil, err
	}
	if d, err = x.ownDataset(d.id); err != nil {
		return nil, err
	}
	if req.UpdateRule != nil {
		if f.webURL == "" {
			return nil, refuse(codeInvalidParameter, "document %s is no web page and has no update_rule", f.id)
		}
		if err := checkUpdateRule(req.UpdateRule); err != nil {
			return nil, err
		}
		f.rule = *req.UpdateRule
	}
	if req.DocumentName != "" {
		f.name = req.DocumentName
	}
	f.updated = x.srv.now()
	d.updated = f.updated
	return nil, nil
}

// deleteDocuments deletes all or, if there is one that cannot be, none.
func (x *exchange) deleteDocuments(req *cozeapi.DeleteDocumentsRequest) (any, error) {
	ids := slices.Concat(req.DocumentIDs, req.DocumentIDsNew)
	if len(ids) == 0 {
		return nil, refuse(codeInvalidParameter, "document_ids is empty")
	}
	st := &x.srv.state
	for _, id := range ids {
		d, _, err := x.datasetFile(id)
		if err == nil {
			_, err = x.ownDataset(d.id)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, d := range st.datasets {
		d.files = slices.DeleteFunc(d.files, func(f *datasetFile) bool { return slices.Contains(ids, f.id) })
	}
	return nil, nil
}

// listDocuments lists files, newest first.
func (x *exchange) listDocuments(req *cozeapi.ListDocumentsRequest) (any, error) {
	num, size := max(1, int(valueOf(req.Page))), 10
	if req.Size != nil {
		size = int(*req.Size)
	}
	if valueOf(req.Page) < 0 || size < 1 {
		return nil, refuse(codeInvalidParameter, "page must be at least 0 and size at least 1")
	}
	d, err := x.dataset(req.DatasetID)
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	for _, f := range slices.Backward(d.files) {
		if strings.Contains(f.name, req.Keyword) && (len(req.DocumentIDs) == 0 || slices.Contains(req.DocumentIDs, f.id)) {
			found = append(found, f.info(d))
		}
	}
	items, _ := page(found, num, size)
	return flat{"document_infos": items, "total": len(found)}, nil
}

// getDocumentProgress looks at files, which brings each of them a step further.
func (x *exchange) getDocumentProgress(req *cozeapi.GetDocumentProgressRequest) (any, error) {
	if len(req.DocumentIDs) == 0 {
		return nil, refuse(codeInvalidParameter, "document_ids is empty")
	}
	d, err := x.dataset(x.path["dataset_id"])
	if err != nil {
		return nil, err
	}
	var files []*datasetFile
	for _, id := range req.DocumentIDs {
		f := d.file(id)
		if f == nil {
			return nil, notFound("document", id)
		}
		files = append(files, f)
	}
	list := []map[string]any{}
	for _, f := range files {
		f.look()
		list = append(list, f.progress())
	}
	return map[string]any{"data": list}, nil
}
