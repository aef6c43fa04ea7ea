// Package voice speaks and listens over the websockets of the Coze platform: [Chat] is a dialogue with a bot, [Speech] turns
// text into audio, [Transcription] turns audio into text, [Simultaneous] interprets. They are functions that take the client,
// not services of it, so that programs without voice do not compile websockets.
//
//	s, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: "..."})
//	if err != nil { ... }
//	defer s.Close(ctx)
//	if err := s.SendText(ctx, "Tell me a story"); err != nil { ... }
//	turn, err := s.Turn(ctx) // turn.Text, turn.Audio; call it again for the next turn
//
// For one text or one recording, [Speak] and [Transcribe] do it all.
//
// # Sessions
//
// The context that opens a session governs its life: when it ends, the connection is cut. Close ends it well: what was
// accepted is sent first. Events of the server wait in the session until they are taken, by Events, Turn or Wait; each event
// goes to one of them, so use one at a time. [Handlers] come on top of all three. When 16 MiB wait, the session stops reading.
// All methods are safe for concurrent use, also from inside a loop over Events and from handlers.
//
// Every event of the document can be sent: what has no method goes by Send and a constructor, such as [NewConversationClear].
// Every event of the server comes with its log id and time; one that this package does not know comes as raw JSON.
//
// Methods that send put the event into a queue and return; when the queue is full they wait, under their context. That is the
// pace of the network, not of the server: audio may be sent faster than it was spoken.
//
// # Errors
//
// A refused handshake is a [*coze.Error] with HTTP status, code and log id; a token that the server refuses is refreshed and
// the connection made once more, if the token source can do that. Later, an error of the server is an event ([Event.Err]),
// which leaves the session open; Turn reports it. A server that hangs up is a [*CloseError]; so is one that has gone silent, which
// pings notice, and which matches [coze.ErrTimeout]. See [WithReconnect] for sessions that survive this.
//
// # Limits and logs
//
// Under [coze.WithRateLimit] each handshake counts as one call; what is sent in a session is not held back. [coze.WithLogger]
// gets one line when a session opens and one when it is over (at warning level if it failed), with operation, host, path,
// status, log id, duration, and the number of connections, events and bytes each way; never payloads, queries or the token.
//
// # Audio
//
// The platform speaks PCM by default: 16 bits, little-endian, mono, 24,000 Hz, so 48 bytes a millisecond. It hears the same,
// in WAV or bare. [NewWAVReader], [NewWAVWriter], [PCMFrames], [Pace], and the G.711 functions help with the rest; packets of
// Opus go into a file by [OggOpusWriter]. Wherever audio goes, an io.Writer takes it. There is no resampling: choose the rate in
// the request.
//
// # Browsers
//
// Compiled for js/wasm, the token goes into the URL, because browsers let programs set no header on a websocket. Logs may show
// it: use short-lived tokens there. Proxies, headers and the HTTP client are the browser's, a refused handshake has no status,
// a close no code, and there are no pings. Everywhere else the token is in the Authorization header, and the HTTP client, its
// proxy and TLS settings and the default headers of the client count.
//
// # Rooms
//
// Calls over RTC go by a library of your choice; client.Audio.Rooms makes the room. What is said on its data channel is encoded
// by [EncodeRTC] and decoded by [DecodeRTC].
package voice
