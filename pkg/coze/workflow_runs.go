package coze

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/stream"
)

// WorkflowsService runs workflows and chatflows and reads what is known of them. It is safe for concurrent use.
type WorkflowsService struct {
	*cozeapi.WorkflowsService

	// Chat runs chatflows.
	Chat *WorkflowsChatService

	// Runs runs workflows: the plain operations, and streams, answers to interrupts and waiting on top.
	Runs *WorkflowsRunsService
}

// WorkflowsRunsService runs workflows. Create, Resume and the histories are the plain operations; Stream and StreamResume
// deliver events; Run does all that a streamed run takes; Wait waits for a run that was started with is_async. It is safe for
// concurrent use.
//
// No call stops a run: leaving a stream or the end of a context only ends the listening.
type WorkflowsRunsService struct {
	*cozeapi.WorkflowsRunsService

	baseURL string
}

// WorkflowsChatService runs chatflows. It is safe for concurrent use.
type WorkflowsChatService struct {
	*cozeapi.WorkflowsChatService

	chat *ChatService
}

func newWorkflowsService(s *cozeapi.WorkflowsService, chat *ChatService) *WorkflowsService {
	return &WorkflowsService{
		WorkflowsService: s,
		Chat:             &WorkflowsChatService{s.Chat, chat},
		Runs:             &WorkflowsRunsService{s.Runs, chat.baseURL},
	}
}

// Stream runs a published workflow and returns its events. A refusal, such as code 4200 for a workflow that is not
// published, is returned at once; what goes wrong later is the error of the last pair of [WorkflowStream.All].
//
// Only output nodes and the end node send messages. They come in pieces only if streaming is switched on in the node;
// otherwise each is a single event.
//
// Permission: run.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/workflow_stream_run
//
// API: POST /v1/workflow/stream_run
func (s *WorkflowsRunsService) Stream(
	ctx context.Context, req StreamRunWorkflowRequest, opts ...CallOption,
) (*WorkflowStream, error) {
	return s.open("StreamRunWorkflow", "/v1/workflow/stream_run", opts, func(opts []CallOption) (workflowEvents, error) {
		return s.WorkflowsRunsService.Stream(ctx, req, opts...)
	})
}

// StreamResume answers an interrupt of a streamed run and returns the events that follow; their numbers begin at 0 again.
// A run can be resumed [MaxResumes] times; the third wrong answer makes it fail. Other runs go on with Resume.
//
// Permission: run.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/workflow_resume
//
// API: POST /v1/workflow/stream_resume
func (s *WorkflowsRunsService) StreamResume(
	ctx context.Context, req StreamResumeWorkflowRequest, opts ...CallOption,
) (*WorkflowStream, error) {
	return s.open("StreamResumeWorkflow", "/v1/workflow/stream_resume", opts, func(opts []CallOption) (workflowEvents, error) {
		return s.WorkflowsRunsService.StreamResume(ctx, req, opts...)
	})
}

type workflowEvents = *stream.Stream[WorkflowEvent]

func (s *WorkflowsRunsService) open(
	op, path string, opts []CallOption, call func([]CallOption) (workflowEvents, error),
) (*WorkflowStream, error) {
	ws := &WorkflowStream{at: endpoint{op, http.MethodPost, s.baseURL + path}, info: &ResponseInfo{}}
	var err error
	if ws.events, err = call(append(opts[:len(opts):len(opts)], WithResponse(ws.info))); err != nil {
		return nil, err
	}
	return ws, nil
}

// Stream runs a chatflow and returns the events of its chat, as [ChatService.Stream] does for a bot. [ChatStream.DebugURL]
// is the page that shows the run. If a node asks the user something, the chat ends in a normal way: call again with the same
// conversation_id and the reply as the last message.
//
// Chats and messages may lack bot_id. Nothing stops a chatflow on the server, so [WithCancelOnClose] is refused, and outputs
// of local tools cannot be handed in.
//
// Permission: run.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/workflow_chat
//
// API: POST /v1/workflows/chat
func (s *WorkflowsChatService) Stream(ctx context.Context, req ChatWorkflowRequest, opts ...CallOption) (*ChatStream, error) {
	cs := newChatStream(ctx, s.chat, endpoint{"ChatWorkflow", http.MethodPost, s.chat.baseURL + "/v1/workflows/chat"}, opts)
	var err error
	cs.events, err = s.WorkflowsChatService.Stream(ctx, req, append(opts[:len(opts):len(opts)], WithResponse(cs.info))...)
	if err != nil {
		return nil, err
	}
	return cs, nil
}

// DecodeData decodes the data of a [WorkflowRunResult], or the Output of a [WorkflowResult], which usually is the JSON text
// of what the end node returns. An end node may return plain text as well, which decodes into a string as it is.
func DecodeData[T any](data string) (T, error) {
	var out T
	err := json.Unmarshal([]byte(data), &out)
	if text, ok := any(&out).(*string); ok && err != nil {
		*text, err = data, nil
	}
	if err != nil {
		err = fmt.Errorf("coze: decode the data of the workflow: %w", err)
	}
	return out, err
}

var errNoOutput = errors.New("coze: the output of the run has no part Output")

// DecodeOutput decodes what the end node of a run returned, which the Output of its history wraps once more.
func DecodeOutput[T any](run *WorkflowExecuteHistory) (T, error) {
	wrapped, err := DecodeData[struct{ Output *string }](run.Output)
	if err == nil && wrapped.Output == nil {
		err = errNoOutput
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return DecodeData[T](*wrapped.Output)
}
