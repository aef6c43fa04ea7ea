// Package webhook receives the callbacks of the Coze platform: the events that a callback app (client.APIApps) is subscribed
// to, and the challenge with which the platform checks a new callback URL.
//
//	h, err := webhook.Handler(verifyToken, webhook.Handlers{
//		BotPublished: func(ctx context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
//			return webhook.Audit{Status: coze.AuditStatusReviewing}, queue.Push(ctx, ev.Event.BotID)
//		},
//	})
//	mux.Handle("POST /coze/callback", h)
//
// The handler takes only what carries the signature of the app's verify token and is not older than five minutes, handles an
// event once however often it is sent, and answers before the platform gives up waiting. How each delivery is answered:
//
//	200  handled now, or before: a repeat gets the answer of the first; also an event that nobody asked for
//	400  the body was cut off, is no event, or an event without an id
//	401  the signature is missing or wrong, or the timestamp is outside of the window
//	405  another method than POST
//	413  the body is larger than 1 MiB; see [WithMaxBody]
//	500  the function for the event failed or panicked; the platform sends the event again
//	503  the function was not done in time, or another server is at it; the platform sends the event again
//
// The platform waits 3 seconds, 10 for bot.published; a function has 2.5 and 9 seconds, after which its context ends. Work that takes
// longer belongs in a queue. A function that succeeds later all the same has handled the event: the next delivery gets its
// answer.
//
// [Verify] and [Parse] are the parts for routers of another kind, [Sign] is for tests.
// https://www.coze.cn/open/docs/dev_how_to_guides/receive_handle_callbacks
package webhook
