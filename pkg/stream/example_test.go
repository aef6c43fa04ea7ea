package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/pkg/stream"
)

func ExampleDecoder() {
	d := stream.NewDecoder(strings.NewReader("event: greeting\ndata: hello\ndata: world\n\nevent: done\n\n"))
	for {
		ev, err := d.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %q\n", ev.Type, ev.Data)
	}
	// Output:
	// greeting: "hello\nworld"
	// done: ""
}

func ExampleEvents() {
	in := ": a comment\nretry: 3000\nid: 7\ndata: first\n\ndata: second"
	for ev, err := range stream.Events(strings.NewReader(in)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(ev.Type, ev.ID, ev.Retry, string(ev.Data))
	}
	// Output:
	// message 7 3s first
	// message 7 3s second
}

func ExampleWithMaxEventSize() {
	in := "data: short\n\ndata: a line that is too long\n\n"
	for ev, err := range stream.Events(strings.NewReader(in), stream.WithMaxEventSize(16)) {
		fmt.Printf("%q %v %t\n", ev.Data, err, errors.Is(err, stream.ErrEventTooLarge))
	}
	// Output:
	// "short" <nil> false
	// "" stream: event too large: more than 16 bytes true
}

func ExampleStream() {
	// The body of a response. The server keeps it open after the last event.
	body := io.NopCloser(strings.NewReader("data: 1\n\nevent: ping\n\ndata: 2\n\nevent: done\ndata: 3\n\n"))
	s := stream.New(body, func(ev stream.Event) (int, stream.Verdict, error) {
		switch ev.Type {
		case "ping":
			return 0, stream.Skip, nil
		case "done":
			n, err := strconv.Atoi(string(ev.Data))
			return n, stream.End, err
		}
		n, err := strconv.Atoi(string(ev.Data))
		return n, stream.Deliver, err
	})
	for n, err := range s.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(n)
	}
	// Output:
	// 1
	// 2
	// 3
}

func ExampleStream_truncated() {
	body := io.NopCloser(strings.NewReader("data: 1\n\n"))
	s := stream.New(body, func(ev stream.Event) (string, stream.Verdict, error) {
		if bytes.Equal(ev.Data, []byte("[DONE]")) {
			return "", stream.End, nil
		}
		return string(ev.Data), stream.Deliver, nil
	})
	for v, err := range s.All() {
		fmt.Printf("%q %v\n", v, err)
	}
	// Output:
	// "1" <nil>
	// "" stream: input ended before the last event: unexpected EOF
}
