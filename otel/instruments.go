package otel

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// The bounds of the histograms: those of the conventions for HTTP and for generative AI, and finer ones for the first event.
var (
	requests   = metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
	durations  = metric.WithExplicitBucketBoundaries(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
	firsts     = metric.WithExplicitBucketBoundaries(0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 30)
	tokenSizes = metric.WithExplicitBucketBoundaries(
		1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
)

type instruments struct {
	request, duration, generating, firstEvent, firstContent metric.Float64Histogram
	tokens                                                  metric.Int64Histogram
	events, retries, errors                                 metric.Int64Counter
}

func newInstruments(m metric.Meter) (*instruments, error) {
	var in instruments
	var errs []error
	for _, h := range []struct {
		to         *metric.Float64Histogram
		name, what string
		bounds     metric.HistogramOption
	}{
		{&in.request, "http.client.request.duration", "Duration of HTTP requests, each try by itself", requests},
		{&in.duration, "coze.client.operation.duration", "Duration of calls, of streams until they are closed", durations},
		{&in.generating, "gen_ai.client.operation.duration", "Duration of chats and workflow runs", durations},
		{&in.firstEvent, "coze.client.time_to_first_event", "Time from the start of a call to the first event of its stream", firsts},
		{&in.firstContent, "coze.client.time_to_first_content", "Time from the start of a call to the first piece of an answer", firsts},
	} {
		var err error
		*h.to, err = m.Float64Histogram(h.name, metric.WithUnit("s"), metric.WithDescription(h.what), h.bounds)
		errs = append(errs, err)
	}
	for _, c := range []struct {
		to               *metric.Int64Counter
		name, unit, what string
	}{
		{&in.events, "coze.client.stream.events", "{event}", "Events of streams"},
		{&in.retries, "coze.client.retries", "{retry}", "Repetitions of calls"},
		{&in.errors, "coze.client.errors", "{error}", "Calls that failed"},
	} {
		var err error
		*c.to, err = m.Int64Counter(c.name, metric.WithUnit(c.unit), metric.WithDescription(c.what))
		errs = append(errs, err)
	}
	var err error
	in.tokens, err = m.Int64Histogram(
		"gen_ai.client.token.usage", metric.WithUnit("{token}"), metric.WithDescription("Tokens of chats and workflow runs"), tokenSizes)
	return &in, errors.Join(append(errs, err)...)
}
