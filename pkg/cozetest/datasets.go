package cozetest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var datasetHandlers = map[string]handler{
	"CreateDataset": lockedBody((*exchange).createDataset),
	"DeleteDataset": locked((*exchange).deleteDataset),
	"ListDatasets":  locked((*exchange).listDatasets),
	"UpdateDataset": lockedBody((*exchange).updateDataset),
}

const (
	formatImage        = 2 // of a knowledge base of images; 0 is one of texts
	defaultDatasetIcon = "https://example.com/dataset.png"
)

// dataset is a knowledge base with its files, in the order in which they were added.
type dataset struct {
	id          string
	name        string
	description string
	workspace   string
	project     string
	icon        string // URL
	format      int
	creator     string
	created     int64 // Unix seconds
	updated     int64
	files       []*datasetFile
}

type wireDataset struct {
	DatasetID            string   `json:"dataset_id"`
	Name                 string   `json:"name"`
	Description          string   `json:"description"`
	SpaceID              string   `json:"space_id"`
	Status               int      `json:"status"`
	FormatType           int      `json:"format_type"`
	CanEdit              bool     `json:"can_edit"`
	IconURI              string   `json:"icon_uri"`
	IconURL              string   `json:"icon_url"`
	AvatarURL            string   `json:"avatar_url"`
	CreatorID            string   `json:"creator_id"`
	CreatorName          string   `json:"creator_name"`
	DocCount             int      `json:"doc_count"`
	SliceCount           int      `json:"slice_count"`
	HitCount             int      `json:"hit_count"`
	BotUsedCount         int      `json:"bot_used_count"`
	AllFileSize          string   `json:"all_file_size"`
	FileList             []string `json:"file_list"`
	FailedFileList       []string `json:"failed_file_list"`
	ProcessingFileList   []string `json:"processing_file_list"`
	ProcessingFileIDList []string `json:"processing_file_id_list"`
	ProjectID            string   `json:"project_id"`
	DatasetType          int      `json:"dataset_type"`
	CreateTime           int64    `json:"create_time"`
	UpdateTime           int64    `json:"update_time"`
}

// wire writes a knowledge base as a caller sees it.
func (d *dataset) wire(caller string) wireDataset {
	w := wireDataset{
		DatasetID: d.id, Name: d.name, Description: d.description, SpaceID: d.workspace, Status: 1, FormatType: d.format,
		CanEdit: d.creator == caller, IconURI: "icon/" + d.id, IconURL: d.icon, AvatarURL: "https://example.com/user.png",
		CreatorID: d.creator, CreatorName: "Fake user", DocCount: len(d.files), ProjectID: d.project,
		CreateTime: d.created, UpdateTime: d.updated,
		FileList: []string{}, FailedFileList: []string{}, ProcessingFileList: []string{}, ProcessingFileIDList: []string{},
	}
	size := 0
	for _, f := range d.files {
		size += f.size
		w.SliceCount += f.slices()
		w.FileList = append(w.FileList, f.name)
		switch f.status() {
		case fileFailed:
			w.FailedFileList = append(w.FailedFileList, f.name)
		case fileProcessing:
			w.ProcessingFileList = append(w.ProcessingFileList, f.name)
			w.ProcessingFileIDList = append(w.ProcessingFileIDList, f.id)
		}
	}
	w.AllFileSize = strconv.Itoa(size)
	return w
}

// dataset finds a knowledge base. The caller holds mu.
func (x *exchange) dataset(id string) (*dataset, error) {
	for _, d := range x.srv.state.datasets {
		if d.id == id {
			return d, nil
		}
	}
	return nil, notFound("dataset", id)
}

// ownDataset finds a knowledge base that the caller may change. The caller holds mu.
func (x *exchange) ownDataset(id string) (*dataset, error) {
	d, err := x.dataset(id)
	if err == nil && d.creator != x.caller.userID {
		return nil, refuse(codePermissionDenied, "only the owner of dataset %s may do this", id)
	}
	return d, err
}

func (x *exchange) createDataset(req *cozeapi.CreateDatasetRequest) (any, error) {
	if req.Name == "" {
		return nil, refuse(codeInvalidParameter, "name is needed")
	}
	st := &x.srv.state
	if _, err := x.workspace(req.SpaceID); err != nil {
		return nil, err
	}
	icon, err := x.iconURL(req.FileID, defaultDatasetIcon)
	if err != nil {
		return nil, err
	}
	now := x.srv.now()
	d := &dataset{
		id: x.srv.ids.next(), name: req.Name, description: req.Description, workspace: req.SpaceID, project: req.ProjectID,
		icon: icon, format: int(req.FormatType), creator: x.caller.userID, created: now, updated: now,
	}
	st.datasets = append(st.datasets, d)
	return map[string]any{"dataset_id": d.id}, nil
}

// listDatasets lists knowledge bases, newest first. Those of apps are listed only if the app is asked for.
func (x *exchange) listDatasets() (any, error) {
	st := &x.srv.state
	workspace := x.query.Get("space_id")
	if _, err := x.workspace(workspace); err != nil {
		return nil, err
	}
	format := x.number("format_type", -1)
	found := []wireDataset{}
	for _, d := range slices.Backward(st.datasets) {
		if d.workspace == workspace && d.project == x.query.Get("project_id") && strings.Contains(d.name, x.query.Get("name")) &&
			(format < 0 || format == d.format) {
			found = append(found, d.wire(x.caller.userID))
		}
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"dataset_list": items, "total_count": len(found)}, nil
}

// updateDataset replaces all three: what is left out goes back to its default.
func (x *exchange) updateDataset(req *cozeapi.UpdateDatasetRequest) (any, error) {
	if req.Name == "" {
		return nil, refuse(codeInvalidParameter, "name is needed")
	}
	d, err := x.ownDataset(x.path["dataset_id"])
	if err != nil {
		return nil, err
	}
	icon, err := x.iconURL(req.FileID, defaultDatasetIcon)
	if err != nil {
		return nil, err
	}
	d.name, d.description, d.icon, d.updated = req.Name, req.Description, icon, x.srv.now()
	return nil, nil
}

func (x *exchange) deleteDataset() (any, error) {
	st := &x.srv.state
	gone, err := x.ownDataset(x.path["dataset_id"])
	if err != nil {
		return nil, err
	}
	st.datasets = slices.DeleteFunc(st.datasets, func(d *dataset) bool { return d == gone })
	return nil, nil
}
