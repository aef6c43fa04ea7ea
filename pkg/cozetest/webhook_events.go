package cozetest

import (
	"encoding/json"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

const (
	eventBotPublished    = string(cozeapi.WebhookEventTypeBotPublished)
	eventBotUnpublished  = string(cozeapi.WebhookEventTypeBotUnpublished)
	eventURLVerification = string(cozeapi.WebhookEventTypeURLVerification)
)

// botChanged delivers an event of a bot to the callback apps that are subscribed to it: those of type normal, and those of the channels
// that it is about. Only URLs on this machine get it, and nobody waits for it. The caller holds mu.
func (x *exchange) botChanged(eventType string, b *bot, channels []string, more map[string]any) {
	for _, a := range x.srv.state.apiApps {
		normal := a.wire.AppType == apiAppNormal
		if !onLoopback(a.wire.CallbackURL) || !slices.Contains(a.events, eventType) ||
			!normal && !slices.Contains(channels, a.wire.ConnectorID) {
			continue
		}
		w := Webhook{
			URL: a.wire.CallbackURL, VerifyToken: a.wire.VerifyToken, EventType: eventType, EventID: x.srv.ids.next(),
			CreatedAt: x.srv.cfg.clock(), Header: map[string]any{"api_app_id": a.wire.ID, "coze_account_id": x.caller.userID},
		}
		event := map[string]any{"bot_name": b.draft().config.name, "description": b.draft().config.description}
		maps.Copy(event, more)
		if normal {
			event["space_id"] = b.workspaceID
		} else {
			w.Header["connector_id"] = a.wire.ConnectorID
		}
		w.Event = event
		x.srv.spawn(func() {
			if _, err := x.srv.Deliver(x.srv.ctx, w); err != nil {
				x.srv.cfg.logger.Warn("callback failed", "event", eventType, "error", err)
			}
		})
	}
}

// botPublished tells that a bot was published. Its ids are numbers in spite of their names, as in the samples of the documentation.
func (x *exchange) botPublished(b *bot, v *botVersion) {
	x.botChanged(eventBotPublished, b, v.channels, map[string]any{
		"bot_id_str": numeric(b.id), "user_id_str": numeric(x.caller.userID), "user_name": profileOf(x.caller.userID).UserName,
		"version": v.name(),
	})
}

// numeric is an id as a JSON number, if it is one.
func numeric(id string) any {
	if isNumber(id) {
		return json.Number(id)
	}
	return id
}

// challenge asks a callback URL whether it belongs to a callback app, as the platform does before it takes one. URLs of other machines are
// taken as they are.
func (x *exchange) challenge(callbackURL, verifyToken string) error {
	if !onLoopback(callbackURL) {
		return nil
	}
	text := x.srv.ids.next()
	d, err := x.srv.Deliver(x.r.Context(), Webhook{
		URL: callbackURL, VerifyToken: verifyToken, EventType: eventURLVerification, Event: map[string]any{"challenge": text},
	})
	if err != nil {
		return refuse(codeInvalidParameter, "callback_url did not answer the challenge: %v", err)
	}
	var reply cozeapi.WebhookChallengeReply
	if err := json.Unmarshal(d.Attempts[len(d.Attempts)-1].Body, &reply); err != nil || reply.Challenge != text {
		return refuse(codeInvalidParameter, "callback_url answered the challenge without its text")
	}
	return nil
}

// onLoopback tells whether a URL leads to this machine.
func onLoopback(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}
