package coze

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
)

// DatasetsService keeps knowledge bases. It is safe for concurrent use.
type DatasetsService struct {
	*cozeapi.DatasetsService

	// Documents keeps the files of knowledge bases.
	Documents *DatasetsDocumentsService
}

// DatasetsDocumentsService keeps the files of knowledge bases: the plain operations, and waiting on top. It is safe for
// concurrent use.
type DatasetsDocumentsService struct {
	*cozeapi.DatasetsDocumentsService

	baseURL string
}

func newDatasetsService(s *cozeapi.DatasetsService, baseURL string) *DatasetsService {
	return &DatasetsService{s, &DatasetsDocumentsService{s.Documents, baseURL}}
}

// Wait waits until the server has read files of a knowledge base: texts, tables and images alike. It looks at once, then again
// and again, first after 1 s, and bears up to 5 failed looks in a row that may be temporary; an answer that lacks one of the
// files counts as failed. Any process may wait, and wait again, by the ids.
//
// progress, unless nil, is called by the waiting goroutine after each look with the state of all files: Progress in percent,
// RemainingTime in seconds. The slice may be kept.
//
// Wait returns when all files have ended, with the last known state of each in the order of documentIDs, and with it: nil if
// all are ready or switched off; an [*Error] for each that failed, was refused by the review or deleted, joined by
// [errors.Join]; at once [ErrUnknownStatus] for a state that is not known; the error of ctx when that ends first. The
// server goes on then: no call stops it.
//
// Permission: readDocumentProgress.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/get_dataset_progress
//
// API: POST /v1/datasets/{dataset_id}/process
func (s *DatasetsDocumentsService) Wait(
	ctx context.Context, datasetID string, documentIDs []string, policy PollPolicy, progress func([]DocumentProgress),
	opts ...CallOption,
) ([]DocumentProgress, error) {
	const op = "GetDocumentProgress"
	if err := requireID(op, "dataset_id", datasetID); err != nil {
		return nil, err
	}
	if len(documentIDs) == 0 {
		return nil, requireID(op, "document_ids", "")
	}
	req := cozeapi.GetDocumentProgressRequest{DocumentIDs: slices.Clone(documentIDs)}
	last := make([]DocumentProgress, len(req.DocumentIDs))
	for i, id := range req.DocumentIDs {
		last[i].DocumentID = id
	}
	info := new(ResponseInfo)
	more := append(call.Collect(opts).Followups(), WithResponse(info))
	at := endpoint{op, http.MethodPost, s.baseURL + "/v1/datasets/" + url.PathEscape(datasetID) + "/process"}
	return poll[[]DocumentProgress]{
		policy: policy,
		look: func(ctx context.Context) ([]DocumentProgress, error) {
			data, err := s.Progress(ctx, datasetID, req, more...)
			if err != nil {
				return nil, err
			}
			documents, err := inOrder(req.DocumentIDs, data.Data)
			if err == nil && progress != nil {
				progress(slices.Clone(documents))
			}
			return documents, err
		},
		judge: func(documents []DocumentProgress) (bool, error) { return judgeDocuments(documents, at, info) },
	}.wait(ctx, "the files of knowledge base "+datasetID, last)
}

// inOrder picks the states of the wanted files.
func inOrder(ids []string, from []DocumentProgress) ([]DocumentProgress, error) {
	out := make([]DocumentProgress, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(from, func(d DocumentProgress) bool { return d.DocumentID == id })
		if at < 0 {
			return nil, fmt.Errorf("coze: the server does not list file %s", id)
		}
		out[i] = from[at]
	}
	return out, nil
}

func judgeDocuments(documents []DocumentProgress, at endpoint, info *ResponseInfo) (over bool, err error) {
	over = true
	var failed []error
	for _, d := range documents {
		switch d.Status {
		case cozeapi.DocumentStatusCompleted, cozeapi.DocumentStatusDisabled:
		case cozeapi.DocumentStatusProcessing, cozeapi.DocumentStatusResegmenting, cozeapi.DocumentStatusRefreshing:
			over = false
		case cozeapi.DocumentStatusFailed, cozeapi.DocumentStatusAuditFailed, cozeapi.DocumentStatusDeleted:
			failed = append(failed, documentError(d, at, info))
		default:
			return true, fmt.Errorf("coze: file %s: %w %d", d.DocumentID, ErrUnknownStatus, d.Status)
		}
	}
	return over, errors.Join(failed...)
}

func documentError(d DocumentProgress, at endpoint, info *ResponseInfo) error {
	e := at.failure(info)
	why := map[DocumentStatus]string{
		cozeapi.DocumentStatusFailed:      "failed",
		cozeapi.DocumentStatusAuditFailed: "was refused by the review",
		cozeapi.DocumentStatusDeleted:     "was deleted",
	}[d.Status]
	e.Message = "file " + d.DocumentID
	if d.DocumentName != "" {
		e.Message += " (" + strconv.Quote(d.DocumentName) + ")"
	}
	e.Message += " " + why
	if d.StatusDescript != "" {
		e.Message += ": " + d.StatusDescript
	}
	return e
}
