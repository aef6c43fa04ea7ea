// Package otel tells OpenTelemetry of the calls of a Coze client: a span for each call, and metrics. It is a module of its
// own, so that programs without OpenTelemetry do not depend on it:
//
//	hooks, err := otel.New(otel.Config{})
//	if err != nil {
//		return err
//	}
//	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.FromEnv(), coze.WithHooks(hooks))
//
// # Spans
//
// A call is one client span, however often it is sent: of a stream or a download until it is closed. Chats and workflow runs
// are named after the semantic conventions for generative AI, invoke_agent and invoke_workflow, all other calls after those
// for HTTP, such as GET /v1/bots/{bot_id}. Each repetition is an event of the span. What happens on the wire, connections say,
// belongs to the spans of an instrumented http.RoundTripper below ([coze.WithHTTPClient]), which become children of these.
//
// Spans carry ids (bot, workflow, app, conversation, log id), numbers and the text of the error. They never carry tokens,
// queries, bodies and what users say.
//
// # Metrics
//
//	http.client.request.duration        s        every request, each try by itself; of streams until the header
//	coze.client.operation.duration      s        every call; streams until they are closed
//	gen_ai.client.operation.duration    s        the same of chats and workflow runs
//	gen_ai.client.token.usage           {token}  input and output tokens of a call that tells them
//	coze.client.time_to_first_event     s        of streams: until any event
//	coze.client.time_to_first_content   s        of streams: until the first piece of an answer
//	coze.client.stream.events           {event}  events of streams
//	coze.client.retries                 {retry}  repetitions, with why
//	coze.client.errors                  {error}  calls that failed, by category in error.type
//
// An instrumented http.RoundTripper records http.client.request.duration as well, under a scope of its own: drop one of them by a
// view of the meter provider, or add up one scope only.
//
// A chat without a stream tells its tokens when its end is fetched (RetrieveChat); fetching it again counts them again.
package otel
