// Command workflow-interrupt runs a workflow that asks the user something on its way: the answers come from a Go function, and
// the run goes on.
//
//	go run ./examples/workflow-interrupt [ANSWER...]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the workflow COZE_WORKFLOW_ID, which needs no parameters and has question
// nodes, three at most: the platform resumes a run no more often.
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	answers := os.Args[1:]
	if len(answers) == 0 {
		answers = []string{"Paris", "tomorrow"}
	}
	if err := run(ctx, answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, answers []string) error {
	id, err := connect.ID("COZE_WORKFLOW_ID", "the id of a published workflow with a question node", cozetest.DefaultWorkflowID)
	if err != nil {
		return err
	}
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
		srv.Workflow(id, travelAgent)
	}

	asked := 0
	handlers := coze.RunHandlers{
		// Question may take its time, to ask a person, say. Input and Tool answer the other kinds of interrupts.
		Question: func(_ context.Context, in coze.WorkflowStreamInterrupt) (string, error) {
			fmt.Printf("%s asks: %s\n", in.NodeTitle, in.InterruptData.Data)
			if asked == len(answers) {
				return "", errors.New("there are no answers left: give more on the command line")
			}
			asked++
			fmt.Println("answer:", answers[asked-1])
			return answers[asked-1], nil
		},
	}
	result, err := client.Workflows.Runs.Run(ctx, coze.StreamRunWorkflowRequest{WorkflowID: id}, handlers)
	var waits *coze.InterruptError
	if errors.As(err, &waits) {
		// Nothing is lost: another process can go on with StreamResume and these.
		fmt.Println("the run waits, event", waits.Interrupt.InterruptData.EventID)
	}
	if err != nil {
		return err
	}
	for _, n := range result.Nodes {
		fmt.Printf("%-8s %s\n", n.Title, n.Content)
	}
	fmt.Println("output: ", result.Output)
	fmt.Println("debug:  ", result.DebugURL)
	if asked == 0 {
		return errors.New("the workflow has asked nothing")
	}
	return nil
}

// travelAgent is the workflow of the fake server. It asks twice.
func travelAgent(r *cozetest.Run) error {
	where := r.Interrupt(coze.InterruptTypeQuestion, "Where do you want to go?", nil)
	r.Message("Search", "Looking for trains ", "to ", where, ".")
	when := r.Interrupt(coze.InterruptTypeQuestion, "When?", nil)
	r.Output(map[string]string{"trip": where + ", " + when})
	return nil
}
