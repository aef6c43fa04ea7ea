// Command datasets makes a knowledge base, adds two files to it, waits with a progress bar until the platform has read them,
// lists them, and deletes it all.
//
//	go run ./examples/datasets
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and works in the workspace COZE_WORKSPACE_ID. It deletes what it has made, also
// when something fails or it is interrupted.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	workspace, err := connect.Workspace()
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	created, err := client.Datasets.Create(ctx, coze.CreateDatasetRequest{
		Name: "Sonnets " + time.Now().Format("150405"), SpaceID: workspace,
		FormatType: coze.CreatableFormatTypeText, Description: "Made by examples/datasets.",
	})
	if err != nil {
		return err
	}
	fmt.Println("created:", created.DatasetID)
	defer func() {
		ctx := context.WithoutCancel(ctx) // Ctrl-C does not keep it from tidying up
		if e := client.Datasets.Delete(ctx, created.DatasetID); e != nil {
			err = errors.Join(err, e)
			return
		}
		fmt.Println("deleted:", created.DatasetID)
	}()
	return fill(ctx, client, created.DatasetID)
}

// fill adds files to a knowledge base, waits for them, lists them and deletes one.
func fill(ctx context.Context, client *coze.Client, dataset string) error {
	added, err := client.Datasets.Documents.Create(ctx, coze.CreateDocumentsRequest{
		DatasetID:     dataset,
		FormatType:    coze.CreatableFormatTypeText,
		DocumentBases: []coze.DocumentBase{text("sonnet-18.txt"), text("sonnet-130.txt")},
		ChunkStrategy: coze.ChunkStrategy{ChunkType: coze.Ptr(coze.ChunkTypeAutomatic)},
	})
	if err != nil {
		return err
	}
	var ids []string
	for _, d := range added.DocumentInfos {
		ids = append(ids, d.DocumentID)
	}

	_, err = client.Datasets.Documents.Wait(ctx, dataset, ids, coze.PollPolicy{}, drawBar)
	fmt.Println()
	if err != nil {
		return err // one for each file that failed, and why
	}

	listed := 0
	for d, err := range client.Datasets.Documents.All(ctx, coze.ListDocumentsRequest{DatasetID: dataset}) {
		if err != nil {
			return err
		}
		listed++
		fmt.Printf("listed:  %s, %d bytes, %d segments\n", d.Name, d.Size, d.SliceCount)
	}
	if listed != 2 || len(ids) != 2 {
		return fmt.Errorf("added 2 files, %d of them new, %d listed", len(ids), listed)
	}
	return client.Datasets.Documents.Delete(ctx, coze.DeleteDocumentsRequest{DocumentIDs: ids[:1]})
}

// text is a file from memory. A web page has WebURL and DocumentSource instead, an uploaded picture SourceFileID.
func text(name string) coze.DocumentBase {
	content := strings.Repeat("Shall I compare thee to a summer's day?\n", 200)
	return coze.DocumentBase{Name: name, SourceInfo: coze.SourceInfo{
		FileBase64: base64.StdEncoding.EncodeToString([]byte(content)), FileType: "txt",
	}}
}

// drawBar draws the mean progress of the files, over the bar that it drew before.
func drawBar(files []coze.DocumentProgress) {
	const width = 40
	var percent, left int64
	for _, f := range files {
		percent += int64(f.Progress)
		left = max(left, f.RemainingTime)
	}
	percent /= int64(len(files))
	done := int(min(max(percent, 0), 100)) * width / 100
	fmt.Printf("\rreading: [%s%s] %3d %%, %d s left  ", strings.Repeat("#", done), strings.Repeat(".", width-done), percent, left)
}
