// Command file uploads two files, one from memory and one from the disk, shows the progress, and reads back what the
// platform knows of them.
//
//	go run ./examples/file
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn), which keeps the files for three months.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

const poem = "line,text\n1,Shall I compare thee to a summer's day?\n2,Thou art more lovely and more temperate:\n"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	// From a reader. The platform looks at the extension of the name.
	_, err = upload(ctx, client, coze.Upload{Name: "sonnet.csv", Reader: strings.NewReader(poem)})
	if err != nil {
		return err
	}

	// From the disk. The file is streamed, so that it may be larger than the memory.
	path, err := temporaryFile()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	up, f, err := coze.OpenUpload(path)
	if err != nil {
		return err
	}
	defer f.Close()
	file, err := upload(ctx, client, up)
	if err != nil {
		return err
	}

	// In a chat the id stands for the file: the bot reads it.
	question := coze.UserMessageOf(coze.TextPart("Who wrote this?"), coze.FileIDPart(file.ID))
	fmt.Println("message:  ", question.Content)
	return nil
}

// upload sends a file, and compares what was sent with what the platform has.
func upload(ctx context.Context, client *coze.Client, up coze.Upload) (*coze.File, error) {
	var last int64
	up.Progress = func(sent, total int64) { // total is -1 if nobody knows it
		if sent-last >= 256<<10 || sent == total {
			last = sent
			fmt.Printf("progress:  %s %d of %d bytes\n", up.Name, sent, total)
		}
	}
	file, err := client.Files.Upload(ctx, coze.UploadFileRequest{File: up})
	if err != nil {
		return nil, err
	}
	fmt.Println("uploaded: ", file.ID, file.FileName)

	known, err := client.Files.Get(ctx, coze.RetrieveFileRequest{FileID: file.ID})
	if err != nil {
		return nil, err
	}
	if known.ID != file.ID || known.Bytes != file.Bytes || last != file.Bytes {
		return nil, fmt.Errorf("%s: sent %d bytes, stored %d as %s, found %d as %s",
			up.Name, last, file.Bytes, file.ID, known.Bytes, known.ID)
	}
	fmt.Println("found:    ", known.FileName, known.Bytes, "bytes,", known.CreatedAt.Time().Format(time.DateTime))
	return known, nil
}

// temporaryFile writes a file of some 900 KB, so that there is a progress to see.
func temporaryFile() (path string, err error) {
	dir, err := os.MkdirTemp("", "cozekit-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "sonnets.csv")
	return path, os.WriteFile(path, []byte(strings.Repeat(poem, 10_000)), 0o600)
}
