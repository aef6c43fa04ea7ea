// Command workflow runs a workflow twice: it waits for the output and decodes it into a struct, then it streams what the nodes
// say while they work.
//
//	go run ./examples/workflow
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the workflow COZE_WORKFLOW_ID, which takes a text called topic and returns
// the variables title, a text, and lines, an array of texts.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// poem is what the end node returns.
type poem struct {
	Title string   `json:"title"`
	Lines []string `json:"lines"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
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
		srv.Workflow(id, poet)
	}
	parameters := map[string]any{"topic": "the sea"}

	done, err := client.Workflows.Runs.Create(ctx, coze.RunWorkflowRequest{WorkflowID: id, Parameters: parameters})
	if err != nil {
		return err
	}
	written, err := coze.DecodeData[poem](done.Data)
	if err != nil {
		return err
	}
	if written.Title == "" {
		return fmt.Errorf("the output has no title: %s", done.Data)
	}
	fmt.Printf("%s, %d lines\n", written.Title, len(written.Lines))
	if done.Usage != nil {
		fmt.Println("tokens:", done.Usage.TokenCount)
	}
	fmt.Println("debug: ", done.DebugURL)

	return stream(ctx, client, coze.StreamRunWorkflowRequest{WorkflowID: id, Parameters: parameters})
}

// stream prints the pieces of each output node as they come, then what the run has brought in all.
func stream(ctx context.Context, client *coze.Client, req coze.StreamRunWorkflowRequest) error {
	s, err := client.Workflows.Runs.Stream(ctx, req)
	if err != nil {
		return err
	}
	var all coze.WorkflowAccumulator // puts the pieces together, node by node
	begun := false
	for ev, err := range s.All() {
		if err != nil {
			return err // a run that failed is an error as well, with its debug URL
		}
		all.Add(ev)
		if m := ev.Message; m != nil {
			if !begun {
				fmt.Printf("\n[%s] ", m.NodeTitle)
			}
			begun = !m.NodeIsFinish
			fmt.Print(m.Content)
		}
	}
	fmt.Println()
	result := all.Result()
	if result.Interrupt != nil {
		return errors.New("the run waits for an answer: see examples/workflow-interrupt")
	}
	for _, n := range result.Nodes {
		fmt.Printf("node %-6s messages: %d, bytes: %d\n", n.Title+":", n.Pieces, len(n.Content))
	}
	_, err = coze.DecodeData[poem](result.Output)
	return err
}

// poet is the workflow of the fake server: a node that streams, then the end node.
func poet(r *cozetest.Run) error {
	lines := []string{"The sea is wide, ", "the sea is deep, ", "it rocks the tide ", "and us to sleep."}
	r.Message("Draft", lines...)
	r.Output(poem{Title: fmt.Sprint("On ", r.Parameters()["topic"]), Lines: lines})
	return nil
}
