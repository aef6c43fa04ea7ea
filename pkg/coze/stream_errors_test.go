package coze_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestStreamErrorsAreNamedOnce: a stream that breaks off says once of which operation it is, and its log id.
func TestStreamErrorsAreNamedOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []cozetest.FaultKind{cozetest.FaultEndStream, cozetest.FaultCutStream, cozetest.FaultTruncatedBody} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			srv := cozetest.NewServer(t, cozetest.WithFaults(cozetest.Fault{Kind: kind, Bytes: 200}))
			client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
			if err != nil {
				t.Fatal(err)
			}
			s, err := client.Chat.Stream(t.Context(), coze.CreateChatRequest{BotID: cozetest.DefaultBotID, UserID: "u"})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range s.All() {
				err = e
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) || strings.Count(err.Error(), "coze: CreateChat: ") != 1 || strings.Count(err.Error(), "logid ") != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
}
