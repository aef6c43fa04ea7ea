package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/internal/transport"
)

// Handlers has a function for each type of event. One that is nil leaves its events to Other. The functions are called many at a
// time, but each event is handled by one call at a time, and never again after a call that returned nil. The context ends when the
// platform stops waiting, not with the connection.
type Handlers struct {
	// BotPublished: a bot was published. Apps of type connector, which are a channel, answer with the state of their review.
	BotPublished func(ctx context.Context, ev BotPublished) (Audit, error)

	BotDeleted           func(ctx context.Context, ev BotDeleted) error           // a bot was deleted
	BotUnpublished       func(ctx context.Context, ev BotUnpublished) error       // a bot left a channel
	BenefitUsage         func(ctx context.Context, ev BenefitUsage) error         // a charge
	PluginScaleRequested func(ctx context.Context, ev PluginScaleRequested) error // somebody asks for more calls of a plugin
	PluginScaleExpired   func(ctx context.Context, ev PluginScaleExpired) error   // an extension has ended

	// Other gets the events without a function of their own: those left nil above, those that this package does not know, and
	// those whose content it cannot decode. If it is nil, such an event is answered with 200 and dropped, but one that
	// cannot be decoded with 500.
	Other func(ctx context.Context, ev Event) error
}

// Audit is how a channel's review of a bot stands. The zero value says nothing, as is right for apps of type normal.
type Audit struct {
	Status    cozeapi.AuditStatus // coze.AuditStatusReviewing, Approved or Rejected; Connectors.UpdateBotAudit reports a later one
	Reason    string              // why it was rejected
	ShareLink string              // link to the bot in the channel; undocumented
}

// How long a function may take: less than the platform waits, by what an answer needs on its way.
const (
	eventLimit   = 2500 * time.Millisecond // of 3 s
	publishLimit = 9 * time.Second         // of 10 s
)

func limitOf(t cozeapi.WebhookEventType) time.Duration {
	if t == cozeapi.WebhookEventTypeBotPublished {
		return publishLimit
	}
	return eventLimit
}

// handle calls the function for ev and returns the body of the answer.
func (h *Handlers) handle(ctx context.Context, ev Event) ([]byte, error) {
	switch ev.Header.EventType {
	case cozeapi.WebhookEventTypeBotPublished:
		return publish(ctx, h, ev)
	case cozeapi.WebhookEventTypeBotDeleted:
		return pass(ctx, h, ev, h.BotDeleted)
	case cozeapi.WebhookEventTypeBotUnpublished:
		return pass(ctx, h, ev, h.BotUnpublished)
	case cozeapi.WebhookEventTypeBenefitUsage:
		return pass(ctx, h, ev, h.BenefitUsage)
	case cozeapi.WebhookEventTypeBenefitPluginScaleRequested:
		return pass(ctx, h, ev, h.PluginScaleRequested)
	case cozeapi.WebhookEventTypeBenefitPluginScaleExpired:
		return pass(ctx, h, ev, h.PluginScaleExpired)
	}
	return h.other(ctx, ev, nil)
}

var emptyReply = []byte("{}")

func publish(ctx context.Context, h *Handlers, ev Event) ([]byte, error) {
	var reply []byte
	f := func(ctx context.Context, p BotPublished) error {
		audit, err := h.BotPublished(ctx, p)
		if err == nil && audit != (Audit{}) {
			reply, err = transport.Marshal(cozeapi.WebhookAuditReply{
				Audit: cozeapi.WebhookAudit{AuditStatus: audit.Status, Reason: audit.Reason}, ShareLink: audit.ShareLink,
			})
		}
		return err
	}
	if h.BotPublished == nil {
		f = nil
	}
	empty, err := pass(ctx, h, ev, f)
	if reply == nil {
		reply = empty
	}
	return reply, err
}

func pass[T any](ctx context.Context, h *Handlers, ev Event, f func(context.Context, T) error) ([]byte, error) {
	if f == nil {
		return h.other(ctx, ev, nil)
	}
	var typed T
	if err := ev.As(&typed); err != nil {
		return h.other(ctx, ev, err)
	}
	return emptyReply, f(ctx, typed)
}

// other handles what has no function of its own, or could not be decoded.
func (h *Handlers) other(ctx context.Context, ev Event, undecoded error) ([]byte, error) {
	if h.Other == nil {
		return emptyReply, undecoded
	}
	return emptyReply, h.Other(ctx, ev)
}

// guarded is handle, with a panic as an error.
func (h *Handlers) guarded(ctx context.Context, ev Event) (reply []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the function for %s panicked: %v", ev.Header.EventType, p)
		}
	}()
	return h.handle(ctx, ev)
}
