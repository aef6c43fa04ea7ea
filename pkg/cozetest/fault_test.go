package cozetest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// pattern is which of n calls of /v1/users/me failed, as a text of dots and crosses.
func pattern(c *client, n int) string {
	var b strings.Builder
	for range n {
		if c.do(http.MethodGet, "/v1/users/me", nil).Code == 0 {
			b.WriteByte('.')
		} else {
			b.WriteByte('x')
		}
	}
	return b.String()
}

func TestWhichCallsFail(t *testing.T) {
	t.Parallel()
	code := cozetest.Fault{Kind: cozetest.FaultCode}
	with := func(change func(*cozetest.Fault)) cozetest.Fault { f := code; change(&f); return f }
	for name, tc := range map[string]struct {
		faults []cozetest.Fault
		want   string
	}{
		"none":              {nil, "............"},
		"all":               {[]cozetest.Fault{code}, "xxxxxxxxxxxx"},
		"the next two":      {[]cozetest.Fault{with(func(f *cozetest.Fault) { f.Times = 2 })}, "xx.........."},
		"every third":       {[]cozetest.Fault{with(func(f *cozetest.Fault) { f.Every = 3 })}, "..x..x..x..x"},
		"every third twice": {[]cozetest.Fault{with(func(f *cozetest.Fault) { f.Every, f.Times = 3, 2 })}, "..x..x......"},
		"others":            {[]cozetest.Fault{with(func(f *cozetest.Fault) { f.Operations = []string{"CreateChat"} })}, "............"},
		"two, then every fourth": {[]cozetest.Fault{
			with(func(f *cozetest.Fault) { f.Times = 2 }), with(func(f *cozetest.Fault) { f.Every = 4 }),
		}, "xx...x...x.."}, // what the first one takes, the second one does not count
		"a third by chance": {[]cozetest.Fault{with(func(f *cozetest.Fault) { f.Chance = 1.0 / 3 })}, chanceOfSeed7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // runs repeat
				srv := cozetest.NewServer(t, cozetest.WithSeed(7), cozetest.InMemory())
				if err := srv.SetFaults(tc.faults...); err != nil {
					t.Fatal(err)
				}
				if got := pattern(memoryClient(t, srv), 12); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			}
		})
	}
}

// chanceOfSeed7 is what chance makes of seed 7; it must not change between releases without a line in the changelog.
const chanceOfSeed7 = "x..xxx..x..."

func TestFaultsInJSON(t *testing.T) {
	t.Parallel()
	fault := cozetest.Fault{
		Kind: cozetest.FaultGateway, Operations: []string{"CreateChat"}, Every: 2, Chance: 0.5, Times: 3, Work: cozetest.WorkDone,
		RetryAfter: "1", Status: 504, Code: 1, Events: 2, Bytes: 3, Duration: 1500 * time.Millisecond,
	}
	text, err := json.Marshal(fault)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"gateway","operations":["CreateChat"],"every":2,"chance":0.5,"times":3,"work":"done","retry_after":"1","status":504,` +
		`"code":1,"events":2,"bytes":3,"duration":"1.5s"}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	var back cozetest.Fault
	if err := json.Unmarshal(text, &back); err != nil || cmp.Diff(fault, back) != "" {
		t.Errorf("got %+v, %v", back, err)
	}
	for text, want := range map[string]string{
		`{"kind":"reset","chances":1}`:           `unknown field "chances"`,
		`{"kind":"latency","duration":"1 year"}`: `duration "1 year"`,
		`{"kind":"latency","duration":1}`:        "duration",
	} {
		if err := json.Unmarshal([]byte(text), &back); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestFaultsAreChecked(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultCode}))
	for want, f := range map[string]cozetest.Fault{
		`unknown kind of fault "flood"`:          {Kind: "flood"},
		`no operation "Chat"`:                    {Kind: cozetest.FaultReset, Operations: []string{"Chat"}},
		"not between 0 and 1":                    {Kind: cozetest.FaultReset, Chance: 2},
		"a count is negative":                    {Kind: cozetest.FaultReset, Times: -1},
		"the work cannot be done":                {Kind: cozetest.FaultRateLimit, Work: cozetest.WorkDone},
		"it takes no status, only duration":      {Kind: cozetest.FaultLatency, Status: 500},
		"it takes no code, only none":            {Kind: cozetest.FaultReset, Code: 4000},
		"the duration is negative":               {Kind: cozetest.FaultLatency, Duration: -1},
		"status is 99, which is not between 200": {Kind: cozetest.FaultGateway, Status: 99},
		"the code is 999":                        {Kind: cozetest.FaultCloseSocket, Code: 999},
		"the text has more than 123 bytes":       {Kind: cozetest.FaultCloseSocket, Text: strings.Repeat("x", 124)},
		"it takes no events":                     {Kind: cozetest.FaultSlowSocket, Events: 1},
	} {
		if err := srv.SetFaults(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if got := srv.Faults(); len(got) != 1 || got[0].Fault.Code != 4013 || got[0].Fault.Status != 200 || got[0].Fault.Work != cozetest.WorkSkipped {
		t.Errorf("got %+v; what was in force should be kept", got)
	}
	if _, err := cozetest.Start("127.0.0.1:0", cozetest.WithFaults(cozetest.Fault{Kind: "flood"})); err == nil {
		t.Error("Start took an unknown fault")
	}
}

// TestFaultsOnTheWire looks at what the kinds send.
func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault        cozetest.Fault
		status       int
		media, after string
		length       int64
		body         string
		err          error
	}{
		{cozetest.Fault{Kind: cozetest.FaultRateLimit, RetryAfter: "2"}, 429, "application/json", "2", -2, `{"code":4013,`, nil},
		{cozetest.Fault{Kind: cozetest.FaultServerError}, 500, "application/json", "", -2, `{"code":5000,`, nil},
		{cozetest.Fault{Kind: cozetest.FaultGateway, Work: cozetest.WorkDone}, 502, "text/html", "", -2, "<html>\r\n<head><title>502 Bad Gateway", nil},
		{cozetest.Fault{Kind: cozetest.FaultEmptyBody}, 200, "application/json", "", 0, "", nil},
		{cozetest.Fault{Kind: cozetest.FaultTruncatedBody, Bytes: 5}, 200, "application/json", "", -2, `{"cod`, io.ErrUnexpectedEOF},
		{cozetest.Fault{Kind: cozetest.FaultWrongType}, 200, "text/html; charset=utf-8", "", -2, `{"code":0,`, nil},
		{cozetest.Fault{Kind: cozetest.FaultCutStream, Bytes: 5}, 200, "application/json", "", -1, `{"cod`, io.ErrUnexpectedEOF},
		{cozetest.Fault{Kind: cozetest.FaultEndStream, Bytes: 5}, 200, "application/json", "", -1, `{"cod`, nil},
		{cozetest.Fault{Kind: cozetest.FaultEndStream}, 200, "application/json", "", -1, "", nil},
	} {
		t.Run(fmt.Sprint(tc.fault.Kind, tc.fault.Bytes), func(t *testing.T) {
			t.Parallel()
			srv := cozetest.NewServer(t, cozetest.WithFaults(tc.fault))
			resp := newClient(t, srv).send(http.MethodGet, "/v1/users/me", nil)
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if resp.StatusCode != tc.status || resp.Header.Get("Content-Type") != tc.media || resp.Header.Get("Retry-After") != tc.after {
				t.Errorf("got status %d and header %v", resp.StatusCode, resp.Header)
			}
			if !strings.HasPrefix(string(body), tc.body) || !errors.Is(err, tc.err) || tc.err != nil && string(body) != tc.body {
				t.Errorf("got %q, %v", body, err)
			}
			if resp.Header.Get("X-Tt-Logid") == "" || tc.length > -2 && resp.ContentLength != tc.length {
				t.Errorf("got length %d, header %v", resp.ContentLength, resp.Header)
			}
			if got := srv.Calls()[0]; len(got.Faults) != 1 || got.Faults[0] != tc.fault.Kind || got.Status != tc.status {
				t.Errorf("recorded %+v", got)
			}
		})
	}
}

// TestFaultsGoTogether: latency and a clock shift go along with what follows them.
func TestFaultsGoTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(
			cozetest.Fault{Kind: cozetest.FaultLatency, Duration: time.Minute},
			cozetest.Fault{Kind: cozetest.FaultClockShift, Duration: time.Hour},
			cozetest.Fault{Kind: cozetest.FaultCode, Code: 4020},
			cozetest.Fault{Kind: cozetest.FaultGateway},
		))
		c := memoryClient(t, srv)
		began := time.Now()
		if r := c.do(http.MethodGet, "/v1/users/me", nil); r.Code != 4020 || time.Since(began) != time.Minute {
			t.Errorf("got %s after %v", r.text, time.Since(began))
		}
		if err := srv.SetFaults(); err != nil {
			t.Fatal(err)
		}
		conv := c.ok(http.MethodPost, "/v1/conversation/create", obj{})
		if got := int64(conv.Data["created_at"].(float64)); got != time.Now().Add(time.Hour).Unix() {
			t.Errorf("created at %d, now is %d", got, time.Now().Unix())
		}
	})
}

// TestCloseEndsFaults: a server closes while calls wait and sockets are silent.
func TestCloseEndsFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(
			cozetest.Fault{Kind: cozetest.FaultSilentSocket}, cozetest.Fault{Kind: cozetest.FaultLatency, Duration: 24 * time.Hour}))
		c := memoryClient(t, srv)
		ended := make(chan error, 1)
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/users/me", nil)
			resp, err := c.http.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			ended <- err
		}()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/audio/speech", nil)
		req.Header = http.Header{
			"Authorization": {"Bearer " + srv.Token()},
			"Connection":    {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		resp, err := c.http.Do(req)
		if err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
			t.Fatalf("got %+v, %v", resp, err)
		}
		synctest.Wait()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if <-ended == nil {
			t.Error("the call that waited got an answer")
		}
		if n, err := resp.Body.Read(make([]byte, 1)); err == nil {
			t.Errorf("read %d bytes from a silent socket", n)
		}
		_ = resp.Body.Close()
	})
}

// TestEveryKindIsDescribed holds the table against the documentation.
func TestEveryKindIsDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range cozetest.FaultKinds() {
		work := make([]string, len(k.Work))
		for i, w := range k.Work {
			work[i] = string(w)
		}
		row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", k.Kind, k.Does, strings.Join(work, " or "), strings.Join(k.Uses, ", "))
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/testing.md lacks the row\n%s", row)
		}
	}
}

// FuzzFault: what is read as a fault is written and read as the same, and SetFaults takes or refuses it without a panic.
func FuzzFault(f *testing.F) {
	f.Add(`{"kind":"latency","duration":"250ms","chance":0.5}`)
	f.Add(`{"kind":"gateway","operations":["CreateChat"],"status":504,"work":"done","times":1}`)
	f.Add(`{"kind":"cut-stream","events":3,"bytes":-1}`)
	f.Add(`{"kind":"close-socket","events":3,"code":4001,"text":"go away"}`)
	f.Add(`null`)
	srv := cozetest.NewServer(f, cozetest.InMemory())
	f.Fuzz(func(t *testing.T, text string) {
		var first, second cozetest.Fault
		if json.Unmarshal([]byte(text), &first) != nil {
			return
		}
		again, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &second); err != nil || cmp.Diff(first, second, cmpopts.EquateEmpty()) != "" {
			t.Errorf("%s became %s, %v", text, again, err)
		}
		if err := srv.SetFaults(second); err == nil && len(srv.Faults()) != 1 {
			t.Error("a fault that was taken is not in force")
		}
	})
}
