package webhook

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/internal/transport"
)

type (
	// BotPublished is a delivery of bot.published. Like those that follow it has a Header with type, id and time, and an
	// Event with what happened.
	BotPublished = cozeapi.WebhookBotPublished
	// BotDeleted is a delivery of bot.deleted.
	BotDeleted = cozeapi.WebhookBotDeleted
	// BotUnpublished is a delivery of bot.unpublished.
	BotUnpublished = cozeapi.WebhookBotUnpublished
	// BenefitUsage is a delivery of benefit.usage.
	BenefitUsage = cozeapi.WebhookBenefitUsage
	// PluginScaleRequested is a delivery of benefit.plugin.scale.requested.
	PluginScaleRequested = cozeapi.WebhookPluginScaleRequested
	// PluginScaleExpired is a delivery of benefit.plugin.scale.expired.
	PluginScaleExpired = cozeapi.WebhookPluginScaleExpired
)

// Event is a delivery of any type.
type Event struct {
	Header cozeapi.WebhookHeader
	Raw    json.RawMessage // the whole body, as it was received
}

// ErrNoEvent means that a body is not a delivery of an event.
var ErrNoEvent = errors.New("the body is no event")

// Parse reads the header of a delivery, after [Verify]. The error matches [ErrNoEvent].
func Parse(body []byte) (Event, error) {
	var e cozeapi.WebhookEnvelope
	switch err := transport.Unmarshal(body, &e); {
	case err != nil:
		return Event{}, fmt.Errorf("%w: %w", ErrNoEvent, err)
	case e.Header.EventType == "":
		return Event{}, fmt.Errorf("%w: header.event_type is missing", ErrNoEvent)
	case e.Header.EventID == "" && e.Header.EventType != cozeapi.WebhookEventTypeURLVerification:
		return Event{}, fmt.Errorf("%w: header.event_id is missing", ErrNoEvent)
	}
	return Event{Header: e.Header, Raw: body}, nil
}

// As decodes the delivery into one of the types of this package, or one of your own. Ids may be numbers or strings there; of the two
// names that the ids of [BotPublished] come under, both are filled. It does not look at the type of the event.
func (e Event) As(into any) error {
	if err := transport.Unmarshal(e.Raw, into); err != nil {
		return fmt.Errorf("webhook: event %s: %w", e.Header.EventType, err)
	}
	if p, ok := into.(*BotPublished); ok {
		ev := &p.Event
		ev.BotID, ev.UserID = cmp.Or(ev.BotID, ev.BotIDStr), cmp.Or(ev.UserID, ev.UserIDStr)
		ev.BotIDStr, ev.UserIDStr = ev.BotID, ev.UserID
	}
	return nil
}

// String does not show what happened.
func (e Event) String() string { return fmt.Sprintf("%s %s", e.Header.EventType, e.Header.EventID) }
