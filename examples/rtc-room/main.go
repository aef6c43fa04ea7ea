// Command rtc-room makes a room for a voice call with a bot, and shows what a program says and hears on the data channel of the
// room: events as JSON. The sound itself goes by an RTC library of your choice, which joins the room with what is printed here.
//
//	go run ./examples/rtc-room
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn): to the bot COZE_BOT_ID, and COZE_LIVE_ID names a live stream to look at.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
	}
	room, err := client.Audio.Rooms.Create(ctx, coze.CreateAudioRoomRequest{
		BotID: bot, UID: "rtc-room-example", Config: &coze.RoomConfig{PrologueContent: "Hello! What can I do for you?"},
	})
	if err != nil {
		return err
	}
	fmt.Printf("room:      %s of app %s, to join as %s with a token of %d characters\n", room.RoomID, room.AppID, room.UID, len(room.Token))
	if id := os.Getenv("COZE_LIVE_ID"); id != "" || srv != nil {
		if err := live(ctx, client, id); err != nil {
			return err
		}
	}
	if err := say(); err != nil {
		return err
	}
	hear()
	return nil
}

// live looks at the streams of a live room.
func live(ctx context.Context, client *coze.Client, id string) error {
	if id == "" {
		id = "7400000000000000301" // the fake server knows every one
	}
	info, err := client.Audio.Live.Get(ctx, id)
	if err != nil {
		return err
	}
	for _, s := range info.StreamInfos {
		fmt.Printf("live:      stream %s %q: %s\n", s.StreamID, s.Name, s.LiveType)
	}
	return nil
}

// say shows what a program sends to the bot's user in the room, when that has joined.
func say() error {
	for i, e := range []voice.ClientEvent{
		voice.NewSessionUpdate(coze.RTCSessionUpdate{LongestSilenceMs: coze.Ptr(int64(60_000))}),
		voice.NewConversationMessageCreate(coze.ConversationMessageCreate{
			Role: coze.MessageRoleUser, ContentType: coze.EnterContentTypeText, Content: "Tell me a story.",
		}),
		voice.NewConversationChatCancel(),
	} {
		e.ID = fmt.Sprint("event-", i+1)
		message, err := voice.EncodeRTC(e)
		if err != nil {
			return err
		}
		fmt.Printf("send:      %s\n", message)
	}
	return nil
}

// hear shows what a program makes of messages that come in the room.
func hear() {
	for _, message := range []string{
		`{"id":"1","event_type":"conversation.created","data":{"conversation_id":"8","prologue":"Hello!"}}`,
		`{"id":"2","event_type":"conversation.message.delta","data":{"id":"9","role":"assistant","type":"answer","content":"Once"}}`,
		`{"id":"3","event_type":"error","data":{"code":4029,"msg":"nobody speaks","detail":{"logid":"l-1"}}}`,
		`{"id":"4","event_type":"made.up.tomorrow","data":{"a":1}}`,
	} {
		ev := voice.DecodeRTC([]byte(message))
		switch data := ev.Data.(type) {
		case *coze.RTCConversationCreated:
			fmt.Printf("received:  the room is ready, in conversation %s\n", data.ConversationID)
		case *coze.Message:
			fmt.Printf("received:  %q\n", data.Content)
		case *coze.RTCError:
			x, _ := coze.Explain(ev.Err())
			fmt.Printf("received:  error %d: %s %s\n", data.Code, x.Meaning, x.Remedy)
		default:
			fmt.Printf("received:  %s, which this SDK does not know: %s\n", ev.Type, ev.Raw)
		}
	}
}
