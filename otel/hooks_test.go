package otel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/otel"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// station is a client of a fake server whose calls are told to exporters in memory.
type station struct {
	*coze.Client
	srv    *cozetest.Server
	spans  *tracetest.InMemoryExporter
	reader *metric.ManualReader
	tracer *trace.TracerProvider
}

func newStation(t *testing.T, rt func(http.RoundTripper) http.RoundTripper) *station {
	t.Helper()
	s := &station{srv: cozetest.NewServer(t, cozetest.InMemory()), spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	s.tracer = trace.NewTracerProvider(trace.WithSyncer(s.spans))
	hooks, err := otel.New(otel.Config{
		TracerProvider: s.tracer, MeterProvider: metric.NewMeterProvider(metric.WithReader(s.reader)),
		Attributes: func(context.Context, *coze.RequestInfo) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("tenant", "a")}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	httpClient := s.srv.HTTPClient()
	if rt != nil {
		httpClient.Transport = rt(httpClient.Transport)
	}
	s.Client, err = coze.NewClient(coze.WithBaseURL(s.srv.URL()), coze.WithToken(s.srv.Token()), coze.WithHTTPClient(httpClient),
		coze.WithHooks(hooks), coze.WithRetry(coze.RetryPolicy{MinDelay: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// span is the only span that has ended, with its attributes by name.
func (s *station) span(t *testing.T) (tracetest.SpanStub, map[string]any) {
	t.Helper()
	spans := s.spans.GetSpans()
	s.spans.Reset()
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	attrs := map[string]any{}
	for _, a := range spans[0].Attributes {
		attrs[string(a.Key)] = a.Value.AsInterface()
	}
	return spans[0], attrs
}

// metrics are the sums of counters, and the counts and sums of histograms, by name and attributes.
func (s *station) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	key := func(name string, set attribute.Set) string {
		text := name
		for _, a := range set.ToSlice() {
			if a.Key != "server.address" && a.Key != "server.port" && a.Key != "gen_ai.provider.name" {
				text += " " + a.Value.Emit()
			}
		}
		return text
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					out[key(m.Name, p.Attributes)] = float64(p.Value)
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					out[key(m.Name, p.Attributes)] = float64(p.Sum)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					out[key(m.Name, p.Attributes)] = float64(p.Count)
				}
			}
		}
	}
	return out
}

var question = coze.CreateChatRequest{
	BotID: cozetest.DefaultBotID, UserID: "me", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("a private question")},
}

// TestStream: one span from the call to the end of the stream, with tokens and the time of the first piece.
func TestStream(t *testing.T) {
	t.Parallel()
	s := newStation(t, nil)
	stream, err := s.Chat.Stream(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.spans.GetSpans()); n != 0 {
		t.Errorf("%d spans ended before the stream", n)
	}
	events, usage := 0, &coze.Usage{}
	for ev, err := range stream.All() {
		if err != nil {
			t.Fatal(err)
		}
		if events++; ev.Type == coze.ChatEventChatCompleted {
			usage = ev.Chat.Usage
		}
	}
	span, attrs := s.span(t)
	if span.Name != "invoke_agent" || span.SpanKind.String() != "client" || span.Status.Code != codes.Unset {
		t.Errorf("span %s, %v, %v", span.Name, span.SpanKind, span.Status)
	}
	first, _ := attrs["coze.stream.time_to_first_event"].(float64)
	delete(attrs, "coze.stream.time_to_first_event")
	want := map[string]any{
		"coze.operation": "CreateChat", "http.request.method": "POST", "url.template": "/v3/chat", "url.full": s.srv.URL() + "/v3/chat",
		"server.address": attrs["server.address"], "server.port": attrs["server.port"], "gen_ai.provider.name": "coze",
		"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.id": cozetest.DefaultBotID, "tenant": "a", "coze.attempts": int64(1),
		"http.response.status_code": int64(200), "coze.log_id": stream.LogID(), "coze.stream.events": int64(events),
		"gen_ai.usage.input_tokens": int64(usage.InputCount), "gen_ai.usage.output_tokens": int64(usage.OutputCount),
	}
	if d := cmp.Diff(want, attrs); d != "" || usage.InputCount == 0 || usage.OutputCount == 0 {
		t.Errorf("attributes (-want +got):\n%s", d)
	}
	if first <= 0 || len(span.Events) != 1 || span.Events[0].Name != "first content" {
		t.Errorf("first event after %v s, span events %v", first, span.Events)
	}
	wantMetrics := map[string]float64{
		"http.client.request.duration POST 200 /v3/chat": 1,
		"coze.client.operation.duration CreateChat":      1, "gen_ai.client.operation.duration invoke_agent": 1,
		"coze.client.time_to_first_event CreateChat": 1, "coze.client.time_to_first_content CreateChat": 1,
		"coze.client.stream.events CreateChat":          float64(events),
		"gen_ai.client.token.usage invoke_agent input":  float64(usage.InputCount),
		"gen_ai.client.token.usage invoke_agent output": float64(usage.OutputCount),
	}
	if d := cmp.Diff(wantMetrics, s.metrics(t)); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}

// flaky answers the first request by 503.
type flaky struct {
	http.RoundTripper
	used bool
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.used {
		return f.RoundTripper.RoundTrip(r)
	}
	f.used = true
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("busy"))}, nil
}

// TestRetryAndRefusal: repetitions are events of the span, refusals its status, both counted by category.
func TestRetryAndRefusal(t *testing.T) {
	t.Parallel()
	s := newStation(t, func(rt http.RoundTripper) http.RoundTripper { return &flaky{RoundTripper: rt} })
	ctx, parent := s.tracer.Tracer("test").Start(t.Context(), "parent")
	if _, err := s.Bots.Get(ctx, cozetest.DefaultBotID, coze.RetrieveBotRequest{}); err != nil {
		t.Fatal(err)
	}
	span, attrs := s.span(t)
	if span.Name != "GET /v1/bots/{bot_id}" || span.Parent.SpanID() != parent.SpanContext().SpanID() || attrs["coze.attempts"] != int64(2) ||
		attrs["http.request.resend_count"] != int64(1) || attrs["gen_ai.agent.id"] != cozetest.DefaultBotID {
		t.Errorf("span %s, parent %v, %v", span.Name, span.Parent.SpanID(), attrs)
	}
	if len(span.Events) != 1 || !slices.Contains(span.Events[0].Attributes, attribute.String("error.type", "server_error")) {
		t.Errorf("events %v", span.Events)
	}
	_, err := s.Bots.Get(t.Context(), "7400000000000000099", coze.RetrieveBotRequest{})
	var refused *coze.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	category := strings.ReplaceAll(string(refused.Category()), " ", "_")
	span, attrs = s.span(t)
	if span.Status.Code != codes.Error || span.Status.Description != err.Error() || attrs["error.type"] != category ||
		attrs["coze.code"] != int64(refused.Code) {
		t.Errorf("status %v, %v", span.Status, attrs)
	}
	want := map[string]float64{
		"coze.client.retries RetrieveBot server_error":           1,
		"coze.client.operation.duration RetrieveBot":             1,
		"coze.client.operation.duration RetrieveBot " + category: 1,
		"coze.client.errors RetrieveBot " + category:             1,

		"http.client.request.duration 503 GET 503 /v1/bots/{bot_id}":              1,
		"http.client.request.duration GET 200 /v1/bots/{bot_id}":                  1,
		"http.client.request.duration " + category + " GET 200 /v1/bots/{bot_id}": 1,
	}
	if d := cmp.Diff(want, s.metrics(t)); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}

// TestOutcomes: what error.type and the name of the span say of calls of all kinds.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	const workflow = cozetest.DefaultWorkflowID
	broken := func(err error) func(http.RoundTripper) http.RoundTripper {
		return func(http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				if err == nil {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return nil, err
			})
		}
	}
	missing := func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusNotFound, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
		})
	}
	run := func(ctx context.Context, c *coze.Client) error {
		_, err := c.Workflows.Runs.Create(ctx, coze.RunWorkflowRequest{WorkflowID: workflow})
		return err
	}
	me := func(opts ...coze.CallOption) func(context.Context, *coze.Client) error {
		return func(ctx context.Context, c *coze.Client) error {
			_, err := c.Users.Me(ctx, opts...)
			return err
		}
	}
	tests := []struct {
		name string
		rt   func(http.RoundTripper) http.RoundTripper
		call func(context.Context, *coze.Client) error
		span string
		want any
	}{
		{"a run", nil, run, "invoke_workflow", nil},
		{"a read", nil, me(), "GET /v1/users/me", nil},
		{"a wrong token", nil, me(coze.WithCallToken(coze.StaticToken("pat_other"))), "GET /v1/users/me", "unauthorized"},
		{"a time limit", broken(nil), me(coze.WithTimeout(time.Millisecond), coze.WithRetry(coze.RetryPolicy{Retries: -1})), "GET /v1/users/me", "timeout"},
		{"the end of the context", broken(nil), func(ctx context.Context, c *coze.Client) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return me()(ctx, c)
		}, "GET /v1/users/me", "canceled"},
		{"a broken connection", broken(io.EOF), run, "invoke_workflow", "network"},
		{"an unknown error", broken(errors.New("odd")), run, "invoke_workflow", "_OTHER"},
		{"an unknown operation", missing, func(ctx context.Context, c *coze.Client) error {
			return c.Do(ctx, http.MethodGet, "/v9/x", nil, nil, nil)
		}, "GET /v9/x", "not_found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, tt.rt)
			err := tt.call(t.Context(), s.Client)
			span, attrs := s.span(t)
			if span.Name != tt.span || attrs["error.type"] != tt.want || (err != nil) != (tt.want != nil) {
				t.Errorf("span %s, error.type %v: %v", span.Name, attrs["error.type"], err)
			}
			if text := fmt.Sprint(span); strings.Contains(text, s.srv.Token()) {
				t.Errorf("the token is in the span: %s", text)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestLeftAndFailedStreams: a stream that the application leaves is no error, one that breaks off is.
func TestLeftAndFailedStreams(t *testing.T) {
	t.Parallel()
	s := newStation(t, nil)
	s.srv.Bot("7400000000000000009", func(turn *cozetest.Turn) error { return errors.New("out of order") })
	for bot, want := range map[string]bool{cozetest.DefaultBotID: false, "7400000000000000009": true} {
		req := question
		req.BotID = bot
		stream, err := s.Chat.Stream(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for ev, err := range stream.All() {
			if err != nil || ev.Type == coze.ChatEventMessageDelta {
				break
			}
		}
		span, attrs := s.span(t)
		if failed := span.Status.Code == codes.Error; failed != want || (attrs["error.type"] != nil) != want {
			t.Errorf("bot %s: status %v, %v", bot, span.Status, attrs)
		}
		if text := fmt.Sprint(span); strings.Contains(text, "private") {
			t.Errorf("the question is in the span: %s", text)
		}
	}
}

// TestGlobalProviders: without a configuration nothing is needed and nothing breaks.
func TestGlobalProviders(t *testing.T) {
	t.Parallel()
	hooks, err := otel.New(otel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	srv := cozetest.NewServer(t, cozetest.InMemory())
	c, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()), coze.WithHooks(hooks))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Users.Me(t.Context()); err != nil {
		t.Error(err)
	}
}
