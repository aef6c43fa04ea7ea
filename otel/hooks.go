package otel

import (
	"context"
	"strconv"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

const scope = "github.com/cozekit/cozekit/otel"

// Config says where spans and metrics go.
type Config struct {
	TracerProvider trace.TracerProvider // nil = the global one, as it is when New is called
	MeterProvider  metric.MeterProvider // nil = the global one, as it is when New is called

	// Attributes adds attributes of your own to the span of a call, a tenant say; may be nil. They are not on metrics.
	Attributes func(ctx context.Context, c *coze.RequestInfo) []attribute.KeyValue
}

// New returns hooks for [coze.WithHooks], of a client or of one call. The error is that of making an instrument. The hooks are
// safe for concurrent use and may serve many clients.
func New(cfg Config) (coze.Hooks, error) {
	if cfg.TracerProvider == nil {
		cfg.TracerProvider = otel.GetTracerProvider()
	}
	if cfg.MeterProvider == nil {
		cfg.MeterProvider = otel.GetMeterProvider()
	}
	in, err := newInstruments(cfg.MeterProvider.Meter(scope))
	if err != nil {
		return coze.Hooks{}, err
	}
	o := &observer{tracer: cfg.TracerProvider.Tracer(scope), instruments: in, attributes: cfg.Attributes}
	return coze.Hooks{Call: o.call, Response: o.response, Retry: o.retry, Event: o.event, Done: o.done}, nil
}

type observer struct {
	tracer trace.Tracer
	*instruments
	attributes func(context.Context, *coze.RequestInfo) []attribute.KeyValue
}

// state is what one call needs from its first hook to its last. The hooks of a call are not called at the same time, but
// for Done of a stream that another goroutine closes, which reads nothing that Event writes.
type state struct {
	span    trace.Span
	content bool // the first piece of an answer has come
}

type stateKey struct{ o *observer }

func (o *observer) of(ctx context.Context) *state {
	s, _ := ctx.Value(stateKey{o}).(*state)
	return s
}

func (o *observer) call(ctx context.Context, c *coze.RequestInfo) context.Context {
	attrs := spanAttributes(c)
	if o.attributes != nil {
		attrs = append(attrs, o.attributes(ctx, c)...)
	}
	ctx, span := o.tracer.Start(ctx, spanName(c), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	return context.WithValue(ctx, stateKey{o}, &state{span: span})
}

// response records what the conventions for HTTP ask of each request.
func (o *observer) response(ctx context.Context, c *coze.RequestInfo, r coze.TryResult) {
	attrs := []attribute.KeyValue{
		methodKey.String(c.Method), serverKey.String(host(c)), portKey.Int(port(c)), routeKey.String(c.Route),
	}
	if r.Status != 0 {
		attrs = append(attrs, statusKey.Int(r.Status))
	}
	switch {
	case r.Status >= 400: // the conventions want the status here
		attrs = append(attrs, errorTypeKey.String(strconv.Itoa(r.Status)))
	case r.Err != nil:
		attrs = append(attrs, errorTypeKey.String(errorType(r.Err)))
	}
	o.request.Record(ctx, r.Duration.Seconds(), metric.WithAttributes(attrs...))
}

func (o *observer) retry(ctx context.Context, c *coze.RequestInfo, r coze.RetryInfo) {
	why := errorType(r.Err)
	o.retries.Add(ctx, 1, metric.WithAttributes(append(callAttributes(c), errorTypeKey.String(why))...))
	if s := o.of(ctx); s != nil {
		s.span.AddEvent("retry", trace.WithAttributes(
			attemptKey.Int(r.Attempt), statusKey.Int(r.Status), codeKey.Int(r.Code), errorTypeKey.String(why),
			waitKey.Float64(r.Wait.Seconds())))
	}
}

func (o *observer) event(ctx context.Context, c *coze.RequestInfo, e coze.EventInfo) {
	s := o.of(ctx)
	if s == nil {
		return
	}
	if e.Index == 1 {
		o.firstEvent.Record(ctx, e.After.Seconds(), metric.WithAttributes(callAttributes(c)...))
	}
	if !s.content && isContent(e.Name) {
		s.content = true
		o.firstContent.Record(ctx, e.After.Seconds(), metric.WithAttributes(callAttributes(c)...))
		s.span.AddEvent("first content", trace.WithAttributes(eventKey.String(e.Name)))
	}
}

func (o *observer) done(ctx context.Context, c *coze.RequestInfo, r coze.Outcome) {
	attrs := callAttributes(c)
	if r.Err != nil {
		attrs = append(attrs, errorTypeKey.String(errorType(r.Err)))
		o.errors.Add(ctx, 1, metric.WithAttributes(attrs...))
	}
	o.duration.Record(ctx, r.Duration.Seconds(), metric.WithAttributes(attrs...))
	if c.Stream {
		o.events.Add(ctx, int64(r.Events), metric.WithAttributes(callAttributes(c)...))
	}
	o.generation(ctx, c, r)
	if s := o.of(ctx); s != nil {
		end(s.span, c, r)
	}
}

// generation records what the conventions for generative AI ask of chats and runs.
func (o *observer) generation(ctx context.Context, c *coze.RequestInfo, r coze.Outcome) {
	operation := generates(c.Op)
	if operation == "" {
		return
	}
	attrs := []attribute.KeyValue{providerKey.String(provider), operationKey.String(operation), serverKey.String(host(c))}
	if c.Op != retrieveChat {
		timed := attrs
		if r.Err != nil {
			timed = append(timed[:len(timed):len(timed)], errorTypeKey.String(errorType(r.Err)))
		}
		o.generating.Record(ctx, r.Duration.Seconds(), metric.WithAttributes(timed...))
	}
	for kind, n := range map[string]int64{"input": r.Usage.Input, "output": r.Usage.Output} {
		if n > 0 {
			o.tokens.Record(ctx, n, metric.WithAttributes(append(attrs[:len(attrs):len(attrs)], tokenTypeKey.String(kind))...))
		}
	}
}

func end(span trace.Span, c *coze.RequestInfo, r coze.Outcome) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	attrs := []attribute.KeyValue{attemptsKey.Int(r.Attempts)}
	if r.Status != 0 {
		attrs = append(attrs, statusKey.Int(r.Status))
	}
	if r.Attempts > 1 {
		attrs = append(attrs, resendKey.Int(r.Attempts-1))
	}
	if r.LogID != "" {
		attrs = append(attrs, logIDKey.String(r.LogID))
	}
	if c.Stream {
		attrs = append(attrs, eventsKey.Int(r.Events), firstEventKey.Float64(r.FirstEvent.Round(time.Microsecond).Seconds()))
	}
	if r.Usage != (coze.TokenUsage{}) {
		attrs = append(attrs, inputKey.Int64(r.Usage.Input), outputKey.Int64(r.Usage.Output))
	}
	if r.Err != nil {
		attrs = append(attrs, errorTypeKey.String(errorType(r.Err)))
		if r.Code != 0 {
			attrs = append(attrs, codeKey.Int(r.Code))
		}
		span.SetStatus(codes.Error, r.Err.Error())
	}
	span.SetAttributes(attrs...)
}

func spanName(c *coze.RequestInfo) string {
	if operation := generates(c.Op); operation != "" && c.Op != retrieveChat {
		return operation
	}
	return c.Method + " " + c.Route
}

// spanAttributes are those that are known at the start, so that samplers see them.
func spanAttributes(c *coze.RequestInfo) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		callKey.String(c.Op), methodKey.String(c.Method), serverKey.String(host(c)), portKey.Int(port(c)),
		urlKey.String(c.Scheme + "://" + c.Host + c.Path), routeKey.String(c.Route),
	}
	if operation := generates(c.Op); operation != "" && c.Op != retrieveChat {
		attrs = append(attrs, providerKey.String(provider), operationKey.String(operation))
	}
	for _, id := range []struct {
		key   attribute.Key
		value string
	}{{agentKey, c.BotID}, {workflowKey, c.WorkflowID}, {appKey, c.AppID}, {conversationKey, c.ConversationID}} {
		if id.value != "" {
			attrs = append(attrs, id.key.String(id.value))
		}
	}
	return attrs
}

// callAttributes are those of metrics: few values each.
func callAttributes(c *coze.RequestInfo) []attribute.KeyValue {
	return []attribute.KeyValue{callKey.String(c.Op), serverKey.String(host(c))}
}

func host(c *coze.RequestInfo) string {
	name, _ := splitHost(c.Host)
	return name
}

func port(c *coze.RequestInfo) int {
	if _, text := splitHost(c.Host); text != "" {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	if c.Scheme == "http" {
		return 80
	}
	return 443
}
