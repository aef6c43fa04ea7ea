// Command observability shows three ways to see what a client does: log lines, hooks of one's own, and OpenTelemetry, whose
// spans it prints. It is a module of its own, because OpenTelemetry is.
//
//	go -C examples/observability run .
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN and COZE_BOT_ID it talks to the
// platform (COZE_API_BASE, default https://api.coze.cn).
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/cozekit/cozekit/examples/internal/connect"
	cozeotel "github.com/cozekit/cozekit/otel"
	"github.com/cozekit/cozekit/pkg/coze"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	// In a program of your own, exporters of OTLP stand here; see the documentation of OpenTelemetry.
	spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
	tracing, err := cozeotel.New(cozeotel.Config{
		TracerProvider: trace.NewTracerProvider(trace.WithSyncer(spans)),
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(reader)),
	})
	if err != nil {
		return err
	}
	var seen counters
	client, closeServer, err := connect.Open(
		coze.WithLogger(slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: short}))),
		coze.WithHooks(seen.hooks()),
		coze.WithHooks(tracing),
	)
	if err != nil {
		return err
	}
	defer closeServer()

	fmt.Println("Log lines:")
	if err := talk(ctx, client, bot); err != nil {
		return err
	}
	_, err = client.Bots.Get(ctx, "7400000000000000099", coze.RetrieveBotRequest{})
	if err == nil {
		return errors.New("a bot that does not exist was found")
	}

	fmt.Println("Hooks:")
	fmt.Printf("  %d requests, %d events, %d calls, %d of them failed\n",
		seen.requests.Load(), seen.events.Load(), seen.calls.Load(), seen.failures.Load())
	fmt.Println("Spans:")
	for _, span := range spans.GetSpans() {
		fmt.Printf("  %s, %s\n", span.Name, span.Status.Code)
		for _, a := range span.Attributes {
			fmt.Printf("    %s = %s\n", a.Key, a.Value.Emit())
		}
	}
	if seen.calls.Load() != 2 || seen.failures.Load() != 1 || len(spans.GetSpans()) != 2 {
		return errors.New("the hooks or the spans have not seen two calls, one of them refused")
	}
	fmt.Println("Metrics:")
	return printMetrics(ctx, reader)
}

func talk(ctx context.Context, client *coze.Client, bot string) error {
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: bot, UserID: "me", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What is a sonnet?")},
	})
	if err != nil {
		return err
	}
	for _, err := range s.All() {
		if err != nil {
			return err
		}
	}
	return nil
}

// counters are hooks of one's own. Calls may run at the same time, so they count atomically.
type counters struct{ requests, events, calls, failures atomic.Int64 }

func (c *counters) hooks() coze.Hooks {
	return coze.Hooks{
		Request: func(context.Context, *coze.RequestInfo, coze.TryInfo) { c.requests.Add(1) },
		Event:   func(context.Context, *coze.RequestInfo, coze.EventInfo) { c.events.Add(1) },
		Done: func(_ context.Context, _ *coze.RequestInfo, r coze.Outcome) {
			c.calls.Add(1)
			if r.Err != nil {
				c.failures.Add(1)
			}
		},
	}
}

func printMetrics(ctx context.Context, reader metric.Reader) error {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		return err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			fmt.Printf("  %s (%s)\n", m.Name, m.Unit)
		}
	}
	return nil
}

// short leaves out the time of log lines.
func short(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
