package otel

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/cozekit/cozekit/pkg/coze"
	"go.opentelemetry.io/otel/attribute"
)

// The attributes: of the semantic conventions for HTTP clients and for generative AI, and of our own.
const (
	methodKey    = attribute.Key("http.request.method")
	resendKey    = attribute.Key("http.request.resend_count")
	statusKey    = attribute.Key("http.response.status_code")
	serverKey    = attribute.Key("server.address")
	portKey      = attribute.Key("server.port")
	urlKey       = attribute.Key("url.full") // without the query
	routeKey     = attribute.Key("url.template")
	errorTypeKey = attribute.Key("error.type")

	providerKey     = attribute.Key("gen_ai.provider.name")
	operationKey    = attribute.Key("gen_ai.operation.name")
	agentKey        = attribute.Key("gen_ai.agent.id") // the bot
	conversationKey = attribute.Key("gen_ai.conversation.id")
	inputKey        = attribute.Key("gen_ai.usage.input_tokens")
	outputKey       = attribute.Key("gen_ai.usage.output_tokens")
	tokenTypeKey    = attribute.Key("gen_ai.token.type")

	callKey       = attribute.Key("coze.operation")
	workflowKey   = attribute.Key("coze.workflow.id")
	appKey        = attribute.Key("coze.app.id")
	codeKey       = attribute.Key("coze.code")
	logIDKey      = attribute.Key("coze.log_id")
	attemptKey    = attribute.Key("coze.attempt")
	attemptsKey   = attribute.Key("coze.attempts")
	waitKey       = attribute.Key("coze.retry.wait") // seconds
	eventKey      = attribute.Key("coze.stream.event")
	eventsKey     = attribute.Key("coze.stream.events")
	firstEventKey = attribute.Key("coze.stream.time_to_first_event") // seconds
)

const provider = "coze"

const retrieveChat = "RetrieveChat" // tells the tokens of a chat without a stream

// generates names what an operation is for the conventions for generative AI; "" for the others.
func generates(op string) string {
	switch op {
	case "CreateChat", "SubmitToolOutputs", retrieveChat:
		return "invoke_agent"
	case "RunWorkflow", "StreamRunWorkflow", "ResumeWorkflow", "StreamResumeWorkflow", "ChatWorkflow":
		return "invoke_workflow"
	}
	return ""
}

// isContent tells the events that carry a piece of an answer, as chats and workflows name them.
func isContent(event string) bool {
	switch strings.ToLower(event) {
	case "conversation.message.delta", "conversation.audio.delta", "message":
		return true
	}
	return false
}

// errorType is the low-cardinality name of an error: a category of ours, or what became of the call.
func errorType(err error) string {
	var refused *coze.Error
	switch {
	case errors.As(err, &refused) && refused.Category() != "":
		return strings.ReplaceAll(string(refused.Category()), " ", "_")
	case errors.As(err, &refused):
		return "_OTHER"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, coze.ErrAnswerTooLarge):
		return "answer_too_large"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "truncated"
	case isNetwork(err):
		return "network"
	}
	return "_OTHER"
}

// isNetwork tells the errors of the network, which know whether they are a timeout.
func isNetwork(err error) bool {
	var network interface{ Timeout() bool }
	return errors.As(err, &network) || errors.Is(err, io.EOF)
}

// splitHost splits off the port of a host, if there is one.
func splitHost(hostport string) (host, port string) {
	u := url.URL{Host: hostport}
	return u.Hostname(), u.Port()
}
