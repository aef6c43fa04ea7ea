// Package coze is a client of the Coze (扣子) open platform: chats with bots, workflows, conversations, files, knowledge
// and voice.
//
//	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken(token))
//	if err != nil {
//		return err
//	}
//	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
//		BotID:              botID,
//		UserID:             "user-1",
//		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What is a sonnet?")},
//	})
//	if err != nil {
//		return err
//	}
//	for ev, err := range s.All() {
//		if err != nil {
//			return err
//		}
//		if ev.Type == coze.ChatEventMessageDelta {
//			fmt.Print(ev.Message.Content)
//		}
//	}
//
// # Services
//
// Each field of [Client] is a section of the platform's documentation: client.Conversations.Messages.List,
// client.Files.Upload, client.Bots.Get. Methods take a context, the ids of the path, a request struct, and options of the
// call. Optional bools and numbers of requests are pointers ([Ptr]); what is not set is not sent. The caller's request is
// never changed.
//
// # Tokens
//
// [WithToken] is for personal and service access tokens. Users log in by [OAuthWeb], [OAuthPKCE] (package oauth has their
// HTTP handlers) or [OAuthDevice], and servers act for themselves by [OAuthJWT]. Each has a TokenSource that renews tokens
// before they expire, keeps them in a [TokenStore], and serves [WithTokenSource] or [Client.As]:
//
//	server, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN))
//	app, err := coze.NewOAuthJWT(server, coze.OAuthJWTApp{ClientID: appID, PublicKeyID: keyID, PrivateKey: pem})
//	client, err := server.As(app.TokenSource(nil))
//
// # Errors
//
// Every refusal by the server is an [*Error], whatever its HTTP status. Match its category with errors.Is and [ErrNotFound],
// [ErrRateLimited] and so on; get causes and remedy with [Explain]. Its text tells operation, code, host, log id and what
// to do, and never holds a token.
//
// # Streams and pages
//
// Streams and pages are iterators of (value, error) pairs. The last pair carries the error. Leaving the loop closes what
// is behind it. Lists have two methods: List fetches one page, All walks over all items and fetches pages as they are
// needed.
//
// # Time
//
// A call that is not a stream has 30 s for a try, more where the document says so. Streams have no limit as a whole, but
// one for the header and one for silence. See [Timeouts]. The context of a call always counts too.
//
// # Limits and seeing
//
// [WithRetry], [WithRateLimit] and [WithMaxAnswer] bound what calls may do. [WithLogger] writes a line for each call, [WithHooks]
// tells functions of yours, [CurlOf] shows the request behind an error; module otel has spans and metrics of OpenTelemetry.
// [WithContractCheck] reports where answers and the document of the platform part.
//
// # Beside this package
//
// Package voice has dialogues, speech and transcription over websockets, package webhook receives callbacks, package webchat puts
// a chat on a website, [NewProxy] forwards an allow-list of calls. Package cozetest is a fake platform for tests.
//
// # Concurrency
//
// A [Client] is safe for concurrent use, and so is everything that it hands out unless it says otherwise.
package coze
