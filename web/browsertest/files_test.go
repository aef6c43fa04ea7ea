package browsertest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// photo writes a picture of more than size bytes and returns its path.
func photo(t *testing.T, size int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(60 + x/2), uint8(40 + y), 180, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	b.Write(make([]byte, size)) // decoders do not mind what follows
	file := filepath.Join(t.TempDir(), "bench.png")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// choose chooses files, as the dialog of the system would.
func (tb *tab) choose(files ...string) {
	tb.t.Helper()
	var input *runtime.RemoteObject
	tb.do(chromedp.Evaluate(`chat().querySelector('input[type=file]')`, &input), chromedp.ActionFunc(func(ctx context.Context) error {
		return dom.SetFileInputFiles(files).WithObjectID(input.ObjectID).Do(ctx)
	}))
}

func TestUploadWithProgress(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Say("A fine bench.")
		return nil
	})
	goOn := make(chan struct{})
	s.handle("/v1/files/upload", func(w http.ResponseWriter, r *http.Request) {
		first, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			t.Error(err)
		}
		select {
		case <-goOn:
		case <-r.Context().Done():
			return
		}
		body := io.MultiReader(bytes.NewReader(first), r.Body)
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, s.fake.URL()+"/v1/files/upload", body)
		if err != nil {
			t.Error(err)
			return
		}
		req.ContentLength = r.ContentLength
		req.Header.Set("Content-Type", r.Header.Get("Content-Type"))
		req.Header.Set("Authorization", "Bearer "+s.fake.Token())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	})
	tb := open(t, s)
	tb.start()
	tb.choose(photo(t, 24<<20))
	tb.wait(`one('progress')?.value > 0 && one('progress').value < 100`)
	tb.screenshot("upload")
	tb.ask("What do you see?")
	tb.wait(`texts('.hint').join('') === 'The files are still being uploaded.'`)
	close(goOn)
	tb.wait(`all('.attachments [data-state=done]').length === 1`)
	tb.click("one('.send')")
	tb.wait(`texts('.assistant .bubble').at(-1) === 'A fine bench.'`)
	tb.wait(`one('.user .picture img').naturalWidth === 320`)
	body := string(s.calls("CreateChat")[0].Body)
	if !strings.Contains(body, `"content_type":"object_string"`) || !strings.Contains(body, `\"type\":\"image\"`) {
		t.Errorf("the question was %s", body)
	}
	tb.click(`one('.user .picture')`)
	tb.wait(`one('dialog.lightbox img')`)
	tb.screenshot("preview")
	tb.click(button("Close"))
	tb.wait(`!one('dialog')`)
	tb.do(reload())
	tb.start()
	tb.wait(`texts('.user .file')[0] === 'Image' && texts('.user .bubble')[0] === 'What do you see?'`)
}

func TestUploadRefused(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.handle("/v1/files/upload", refuse(`{"code":4302,"msg":"too large","detail":{"logid":"LOG1"}}`))
	tb := open(t, s)
	tb.start()
	tb.choose(photo(t, 0))
	tb.wait(`one('.attachments [data-state=failed]')?.textContent.includes('The file is too large. Log ID: LOG1')`)
	tb.click(button("Remove bench.png"))
	tb.wait(`!one('.attachments')`)
}

func TestVoice(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	tb := open(t, s)
	tb.start()
	tb.click(button("Speak"))
	tb.wait(`one('.recording')?.textContent.includes('0:01')`)
	tb.screenshot("voice")
	tb.click(button("Stop and transcribe"))
	tb.wait(`one('textarea').value === ` + "`" + cozetest.DefaultTranscript + "`")
	body := s.calls("CreateTranscription")[0].Body
	if !bytes.Contains(body, []byte(`filename="recording.wav"`)) || !bytes.Contains(body, []byte("WAVEfmt ")) {
		t.Errorf("the recording begins with %s", base64.StdEncoding.EncodeToString(body[:min(300, len(body))]))
	}
}

func TestChatflow(t *testing.T) {
	const flow = "7411000000000000021"
	s := newSite(t, cozetest.Echo)
	s.fake.Chatflow(flow, func(r *cozetest.Run) error {
		city := r.Interrupt(coze.InterruptTypeQuestion, "Which city?", nil)
		r.Message("Answer", "On to "+city+".")
		return nil
	})
	s.write(`<coze-chat app-id="`+cozetest.DefaultAppID+`" workflow-id="`+flow+`" icon="/ada.svg"></coze-chat>`, "")
	tb := open(t, s)
	tb.start()
	tb.ask("A journey")
	tb.wait(`texts('.assistant .bubble').at(-1) === 'Which city?'`)
	tb.ready()
	tb.ask("Lima")
	tb.wait(`texts('.assistant .bubble').at(-1) === 'On to Lima.'`)
	tb.ready()
	tb.do(reload())
	tb.start()
	tb.wait(`texts('.user .bubble').join() === 'A journey,Lima'`)
}
