// Package cozetest is a fake Coze open platform for tests and demonstrations: no account, no tokens spent, no network.
//
//	srv := cozetest.NewServer(t)
//	srv.Bot("7400000000000000001", func(turn *cozetest.Turn) error {
//		turn.Think("The user greets. ")
//		turn.Say("Hello to you, too!")
//		turn.FollowUp("Who are you?")
//		return nil
//	})
//	// point any Coze client at srv.URL() with srv.Token()
//
// The server keeps state as the platform does (bots and their versions, conversations, messages, chats, files, variables,
// workspaces, enterprises and their members, and more), streams in the exact form of the wire, and refuses what the platform
// refuses, with its codes. What it has no code of its own for is answered with a sample made from the schema of the answer.
//
// # Contract
//
// Every request is checked against api/openapi.yaml, and so is every answer of the fake. A request that breaks the contract is
// answered with code 4000 and a message that names the place and the rule, is kept as a [Violation], and fails the test at its
// end unless [ExpectViolations] was given. Query parameters and body fields that the document does not know count as
// violations, and so do empty ids, such as connector_id:"", which strict servers refuse.
// What is known of the vendor's SDKs to stray from the document is taken and counted instead; see [Deviation].
//
// # Scripts
//
// A bot is a [Script]: a function that is called for each chat, in a goroutine of its own, and says what the bot does. Methods of
// [Turn] end the script's goroutine when the chat is canceled or the server closes, so that a script needs no error handling.
//
// A workflow is a [WorkflowScript], which acts with a [Run]: its nodes say something, it asks with [Run.Interrupt] and goes on when
// it is resumed, it has an output or fails. It runs the same for a call that waits, a stream, a run in the background and a chatflow.
//
// # Faults
//
// [WithFaults] and [Server.SetFaults] let the server misbehave: latency, refusals, answers of gateways, broken bodies and connections,
// streams that are cut, expired tokens, websockets that are slow, break, close or fall silent. See [Fault]; docs/testing.md has the
// table of all kinds.
//
// # OAuth
//
// The token of [Server.Token] never expires and may do everything. Other tokens come from apps that [Server.OAuthApp] registers,
// by every flow of the platform: a browser, or an HTTP client in its place, goes through the page of consent, a device is confirmed at
// its verification_uri, JWTs are checked with the public key of the app. Such tokens expire by the clock of the server, which
// [Server.Advance] moves, are limited to their scopes, and keep the users of different session names apart. [Server.TokenFor] makes
// such a token without a flow.
//
// # Websockets
//
// The server speaks all websockets of the platform: speech, transcriptions, simultaneous interpretation, and dialogues by voice,
// whose bots and chatflows are those of the other endpoints. What a bot says is spoken: tones instead of letters, in the codec that
// the client asked for and in pieces of all sizes. Utterances are found by the energy of the audio, not by the time in which it
// comes; what they say is up to [WithTranscript], [Server.Hear] and [Server.Translate]. [Server.SocketEvents] tells what clients
// sent.
//
// # Time
//
// With [InMemory] and [Server.HTTPClient] nothing touches a socket, so that tests can run in a bubble of testing/synctest, where
// pauses take no time.
//
// A Server is safe for concurrent use.
package cozetest
