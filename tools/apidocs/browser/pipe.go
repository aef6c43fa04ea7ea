// Package browser opens a page in a headless Chromium and tells what became of it.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Browser is a Chromium that listens on a pipe. It is for one goroutine.
type Browser struct {
	cmd     *exec.Cmd
	to      *os.File
	from    *bufio.Reader
	closers []io.Closer
	profile string
	last    int
	session string
	onEvent func(method string, params json.RawMessage)
}

// Flags keep Chromium from showing windows, from calling home, and from asking for a GPU or a sandbox that CI has not got.
var Flags = []string{
	"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
}

// Start starts the program with an empty profile. It ends with ctx, or by Close.
func Start(ctx context.Context, program string) (*Browser, error) {
	profile, err := os.MkdirTemp("", "apidocs-chromium-")
	if err != nil {
		return nil, err
	}
	b := &Browser{profile: profile}
	childIn, to, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	from, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, childIn.Close(), to.Close(), b.Close())
	}
	b.to, b.from, b.closers = to, bufio.NewReaderSize(from, 1<<20), []io.Closer{to, from}
	cmd := exec.CommandContext(ctx, program, append(Flags, "--user-data-dir="+profile, "about:blank")...)
	cmd.ExtraFiles = []*os.File{childIn, childOut} // 3 and 4, as --remote-debugging-pipe has them
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Start()
	err = errors.Join(err, childIn.Close(), childOut.Close())
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.cmd = cmd
	return b, nil
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	var errs []error
	if b.cmd != nil {
		b.session, b.onEvent = "", nil
		if b.call("Browser.close", struct{}{}, nil) != nil { // so that no process of it writes into the profile any more
			_ = b.cmd.Process.Kill()
		}
		_ = b.cmd.Wait() // says that it was killed, or closed
	}
	for _, c := range b.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.profile))...)
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// call sends a command and waits for its answer; events that come before it are told to onEvent.
func (b *Browser) call(method string, params, result any) error {
	p, err := json.Marshal(params)
	if err != nil {
		return err
	}
	b.last++
	out, err := json.Marshal(message{ID: b.last, SessionID: b.session, Method: method, Params: p})
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(out, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		line, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: the browser has ended: %w", method, err)
		}
		var m message
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			return err
		}
		switch {
		case m.ID == 0 && b.onEvent != nil:
			b.onEvent(m.Method, m.Params)
		case m.ID != b.last:
		case m.Error != nil:
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(m.Result, result)
		}
	}
}
