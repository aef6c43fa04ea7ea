package cozetest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var imageHandlers = map[string]handler{
	"ListImages":         locked((*exchange).listImages),
	"UpdateImageCaption": lockedBody((*exchange).updateImageCaption),
}

func (f *datasetFile) photo() map[string]any {
	return map[string]any{
		"document_id": f.id, "url": f.url(), "name": f.name, "size": f.size, "type": f.kind, "status": f.status(), "caption": f.caption,
		"creator_id": f.creator, "source_type": f.source, "create_time": f.created, "update_time": f.updated,
	}
}

// imageDataset finds a knowledge base of images. The caller holds mu.
func (x *exchange) imageDataset() (*dataset, error) {
	d, err := x.dataset(x.path["dataset_id"])
	if err == nil && d.format != formatImage {
		return nil, refuse(codeInvalidParameter, "dataset %s holds no images", d.id)
	}
	return d, err
}

// listImages lists images, newest first.
func (x *exchange) listImages() (any, error) {
	d, err := x.imageDataset()
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	captioned, parseErr := strconv.ParseBool(x.query.Get("has_caption"))
	for _, f := range slices.Backward(d.files) {
		if strings.Contains(f.caption, x.query.Get("keyword")) && (parseErr != nil || captioned == (f.caption != "")) {
			found = append(found, f.photo())
		}
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"photo_infos": items, "total_count": len(found)}, nil
}

func (x *exchange) updateImageCaption(req *cozeapi.UpdateImageCaptionRequest) (any, error) {
	d, err := x.imageDataset()
	if err != nil {
		return nil, err
	}
	if d, err = x.ownDataset(d.id); err != nil {
		return nil, err
	}
	f := d.file(x.path["document_id"])
	if f == nil {
		return nil, notFound("image", x.path["document_id"])
	}
	f.caption, f.updated = req.Caption, x.srv.now()
	return nil, nil
}
