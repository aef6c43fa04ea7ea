// Package recording records real exchanges of an HTTP client to files, without secrets, and replays them: so that a real session
// becomes a test that needs neither a network nor a token. It uses the standard library only and works with every client.
//
//	recorder, err := recording.NewRecorder("testdata/session", nil)
//	client, err := coze.NewClient(coze.FromEnv(), coze.WithHTTPClient(&http.Client{Transport: recorder}))
//	// ... use the client ...
//	err = recorder.Close()
//
//	replayer, err := recording.NewReplayer("testdata/session", recording.ReplayOptions{})
//	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("any"),
//		coze.WithHTTPClient(&http.Client{Transport: replayer}))
//
// # Files
//
// Each exchange is a JSON file, numbered in the order in which the requests were sent: request line, headers, body, and the answer
// with its body or its server-sent events and their times in milliseconds. JSON bodies are JSON in the file too, texts are texts,
// other bytes are base64, or beyond 64 KiB a file beside. Of an uploaded file the first 64 KiB, the size and the SHA-256 are kept.
// Bodies above 16 MiB are not kept. A file may be edited by hand.
//
// # Secrets
//
// Authorization, cookies, tokens, keys, fields and parameters that the document marks as sensitive, and the queries of signed URLs
// are replaced by "[redacted]" before anything is written; a token that came is replaced wherever it comes again. Messages, names and
// files are what a recording is for: they are kept, so look at what you commit. docs/record-replay.md has the list.
//
// # Limits
//
// Websockets pass through a recorder, and only their handshake is recorded; they cannot be replayed.
package recording
