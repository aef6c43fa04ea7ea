// Command workflow-async starts a workflow in the background, with is_async, and waits for its end by the id of the run.
//
//	go run ./examples/workflow-async [EXECUTE_ID]
//
// With the id of a run it waits for that one, as another process would after a restart. Without a token it talks to a fake Coze
// server inside the program. With COZE_API_TOKEN it talks to the platform (COZE_API_BASE, default https://api.coze.cn) and the
// workflow COZE_WORKFLOW_ID, which needs no parameters. Running in the background is for paid plans there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	id, err := connect.ID("COZE_WORKFLOW_ID", "the id of a published workflow", cozetest.DefaultWorkflowID)
	if err != nil {
		return err
	}
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
		srv.Workflow(id, slow)
	}

	var execution string
	if len(args) > 0 {
		execution = args[0]
	} else {
		started, err := client.Workflows.Runs.Create(ctx, coze.RunWorkflowRequest{WorkflowID: id, IsAsync: coze.Ptr(true)})
		if err != nil {
			return err
		}
		execution = started.ExecuteID
		if execution == "" {
			return errors.New("the run has no id: it was not started in the background")
		}
		fmt.Println("started: ", execution)
	}

	// Only the context limits the time. The run goes on when it ends, and one can wait for it again.
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	ended, err := client.Workflows.Runs.Wait(ctx, id, execution, coze.PollPolicy{MaxInterval: 10 * time.Second})
	if err != nil {
		return describe(err, execution)
	}
	output, err := coze.DecodeOutput[string](ended) // or a struct of yours, as in examples/workflow
	if err != nil {
		return err
	}
	fmt.Println("ended:   ", ended.ExecuteStatus, "at", ended.UpdateTime.Time().Format(time.DateTime))
	fmt.Println("output:  ", output)
	fmt.Println("debug:   ", ended.DebugURL)
	if srv != nil && output != `{"rows":3}` {
		return fmt.Errorf("the output of run %s is %q", execution, output)
	}
	return nil
}

// describe says what can be done about a run that has not succeeded.
func describe(err error, execution string) error {
	var failed *coze.Error
	var waits *coze.InterruptError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("run %s takes long; wait for it again by its id: %w", execution, err)
	case errors.As(err, &waits):
		return fmt.Errorf("run %s asks %q; answer with Workflows.Runs.Resume: %w", execution, waits.Interrupt.InterruptData.Data, err)
	case errors.As(err, &failed) && failed.DebugURL != "": // without one the server has refused the question
		return fmt.Errorf("run %s failed, see %s: %w", execution, failed.DebugURL, err)
	}
	return err
}

// slow is the workflow of the fake server.
func slow(r *cozetest.Run) error {
	r.Pause(1500 * time.Millisecond)
	r.Output(map[string]int{"rows": 3})
	return nil
}
