package cozetest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// voiceCall is one turn of a dialogue by voice.
func voiceCall(ctx context.Context, c *coze.Client) error {
	s, err := cozevoice.Chat(ctx, c, cozevoice.ChatRequest{BotID: bot}, cozevoice.WithPing(time.Minute, 10*time.Second))
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.Close(ctx)
	}()
	if err := s.SendText(ctx, "Hello"); err != nil {
		return err
	}
	turn, err := s.Turn(ctx)
	if err == nil && turn.Text != "You said: Hello" {
		return fmt.Errorf("the answer is %q", turn.Text)
	}
	return err
}

// TestEveryKindMeetsTheClient: no kind of fault is without a test of what our client makes of it.
func TestEveryKindMeetsTheClient(t *testing.T) {
	t.Parallel()
	const all, none = "call stream voice", ""
	kinds := map[cozetest.FaultKind]struct {
		fault cozetest.Fault
		fails string        // of a call, a stream, and a turn by voice
		least time.Duration // that the three take
	}{
		cozetest.FaultLatency:       {cozetest.Fault{Duration: time.Second}, none, 3 * time.Second},
		cozetest.FaultRateLimit:     {cozetest.Fault{}, all, 0},
		cozetest.FaultCode:          {cozetest.Fault{}, all, 0},
		cozetest.FaultServerError:   {cozetest.Fault{}, all, 0},
		cozetest.FaultGateway:       {cozetest.Fault{}, all, 0},
		cozetest.FaultEmptyBody:     {cozetest.Fault{}, all, 0},
		cozetest.FaultTruncatedBody: {cozetest.Fault{}, "call stream", 0},
		cozetest.FaultWrongType:     {cozetest.Fault{}, "stream", 0},
		cozetest.FaultReset:         {cozetest.Fault{}, all, 0},
		cozetest.FaultCutStream:     {cozetest.Fault{}, "call stream", 0},
		cozetest.FaultEndStream:     {cozetest.Fault{}, "call stream", 0},
		cozetest.FaultByteByByte:    {cozetest.Fault{}, none, 0},
		cozetest.FaultExpireToken:   {cozetest.Fault{}, all, 0},
		cozetest.FaultRefuseSocket:  {cozetest.Fault{}, "voice", 0},
		cozetest.FaultSlowSocket:    {cozetest.Fault{Duration: time.Second}, none, 10 * time.Second},
		cozetest.FaultErrorEvent:    {cozetest.Fault{Events: 4}, "voice", 0},
		cozetest.FaultCloseSocket:   {cozetest.Fault{Events: 4}, "voice", 0},
		cozetest.FaultDropSocket:    {cozetest.Fault{Events: 4}, "voice", 0},
		cozetest.FaultSilentSocket:  {cozetest.Fault{Events: 4}, "voice", time.Minute},
		cozetest.FaultClockShift:    {cozetest.Fault{Duration: time.Hour}, none, 0},
	}
	for _, info := range cozetest.FaultKinds() {
		t.Run(string(info.Kind), func(t *testing.T) {
			t.Parallel()
			kind, ok := kinds[info.Kind]
			if !ok {
				t.Fatal("nothing is known of what the client makes of it")
			}
			synctest.Test(t, func(t *testing.T) {
				fault := kind.fault
				fault.Kind = info.Kind
				srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(fault))
				c := sdk(t, srv)
				began := time.Now()
				var failed []string
				for _, call := range []struct {
					name string
					do   sdkCall
				}{{"call", safeCall}, {"stream", streamCall}, {"voice", voiceCall}} {
					if err := call.do(t.Context(), c); err != nil {
						failed = append(failed, call.name)
						t.Logf("%s: %v", call.name, err)
					}
				}
				if got := strings.Join(failed, " "); got != kind.fails {
					t.Errorf("failed: %q, want %q", got, kind.fails)
				}
				if took := time.Since(began); took < kind.least {
					t.Errorf("took %v, want at least %v", took, kind.least)
				}
				if srv.Faults()[0].Happened == 0 {
					t.Error("it did not happen")
				}
			})
		})
	}
}
