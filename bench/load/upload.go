package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// zeros is a file of a size that does not exist anywhere.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

// largeUpload: the heap hardly grows, however large the file is.
func largeUpload(size int64) (string, bool) {
	var received atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		received.Store(n)
		_, _ = io.WriteString(w, `{"code":0,"data":{"id":"1","bytes":1,"created_at":1,"file_name":"a.bin"}}`)
	}))
	defer srv.Close()
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL), coze.WithToken("t"))
	must(err)
	var peak atomic.Uint64
	before := heap()
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				peak.Store(max(peak.Load(), heap()))
			}
		}
	}()
	start := time.Now()
	file := coze.Upload{Name: "a.bin", Reader: &zeros{size}, Size: size}
	_, err = client.Files.Upload(context.Background(), coze.UploadFileRequest{File: file})
	must(err)
	took := time.Since(start)
	close(done)
	grown := int64(peak.Load()) - int64(before)
	kept := grown < 8<<20 && received.Load() > size
	return fmt.Sprintf("upload:  %d MiB in %v; the heap grew by %.1f MiB at most: %s", size>>20, took.Round(time.Millisecond),
		float64(max(grown, 0))/(1<<20), verdict(kept)), kept
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
