// Package webchat is the server side of a chat on a web page: visitors talk to your bots under your token, which stays on the
// server, and never see each other's conversations.
//
//	chat, err := webchat.Handler(client, webchat.Config{
//		Bots:    []string{botID},
//		Visitor: webchat.CookieVisitor(webchat.CookieConfig{Key: key}),
//	})
//	mux.Handle("/chat/", http.StripPrefix("/chat", chat))
//
// [Handler] serves a page with the widget, its script for pages of your own, and the calls that it makes. [NewProxy] serves the
// calls alone, also for the vendor's widgets. [TokenHandler] gives visitors tokens of their own instead, with which their
// browsers talk to the platform directly: for channel apps of coze.cn and coze.com.
//
// Who a visitor is, a [VisitorFunc] of yours says; [CookieVisitor] is one for visitors who do not sign in.
package webchat
