package cozetest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var botReleaseHandlers = map[string]handler{
	"ListBotVersions":      locked((*exchange).listBotVersions),
	"ListPublishedBots":    locked((*exchange).listPublishedBots),
	"PublishBot":           lockedBody((*exchange).publishBot),
	"RetrievePublishedBot": locked((*exchange).retrievePublishedBot),
	"UnpublishBot":         lockedBody((*exchange).unpublishBot),
}

// chatSDKConnector is the id of the channel that is the Chat SDK. All but it and the API are custom channels.
const chatSDKConnector = "999"

func (x *exchange) publishBot(req *cozeapi.PublishBotRequest) (any, error) {
	b, err := x.botToEdit(req.BotID)
	if err != nil {
		return nil, err
	}
	custom := func(c string) bool { return c != apiConnector && c != chatSDKConnector }
	switch {
	case len(req.ConnectorIDs) == 0:
		return nil, refuse(codeInvalidParameter, "connector_ids is empty")
	case slices.ContainsFunc(req.ConnectorIDs, custom) && !slices.Contains(req.ConnectorIDs, apiConnector):
		return nil, refuse(codeInvalidParameter, "to publish to a custom channel, name the API channel %s too", apiConnector)
	}
	v := b.release(req.ConnectorIDs, x.caller.userID, x.srv.cfg.clock().UnixMilli())
	x.botPublished(b, v)
	return map[string]any{"bot_id": b.id, "version": v.name()}, nil
}

func (x *exchange) unpublishBot(req *cozeapi.UnpublishBotRequest) (any, error) {
	b, err := x.botToEdit(x.path["bot_id"])
	if err != nil {
		return nil, err
	}
	if b.online(req.ConnectorID) == nil {
		return nil, refuse(codeBotNotPublished, "bot %s is not published to channel %s", b.id, req.ConnectorID)
	}
	delete(b.live, req.ConnectorID)
	x.botChanged(eventBotUnpublished, b, []string{req.ConnectorID}, map[string]any{"bot_id": b.id, "connector_id": req.ConnectorID})
	return nil, nil
}

type wireBotVersion struct {
	Version       string      `json:"version"`
	CreatedAt     int64       `json:"created_at"`
	Creator       wireCreator `json:"creator"`
	PublishStatus string      `json:"publish_status"`
	Changelog     string      `json:"changelog"`
}

type wireCreator struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// listBotVersions lists versions, the newest first.
func (x *exchange) listBotVersions() (any, error) {
	b, err := x.botToEdit(x.path["bot_id"])
	if err != nil {
		return nil, err
	}
	status, list := publishedOnline, b.releases
	if x.query.Get("publish_status") == unpublishedDraft {
		status, list = unpublishedDraft, b.drafts
	}
	channel := x.query.Get("connector_id")
	found := []wireBotVersion{}
	for _, v := range slices.Backward(list) {
		if channel == "" || slices.Contains(v.channels, channel) {
			creator := wireCreator{v.authorID, profileOf(v.authorID).UserName}
			found = append(found, wireBotVersion{Version: v.name(), CreatedAt: v.at(), Creator: creator, PublishStatus: status})
		}
	}
	items, more := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"items": items, "has_more": more}, nil
}

type publishedBot struct {
	BotID       string `json:"bot_id"`
	BotName     string `json:"bot_name"`
	Description string `json:"description"`
	IconURL     string `json:"icon_url"`
	PublishTime string `json:"publish_time"` // Unix seconds
}

// listPublishedBots lists the bots that are published to the API, the latest first.
func (x *exchange) listPublishedBots() (any, error) {
	w, err := x.workspace(x.query.Get("space_id"))
	if err != nil {
		return nil, err
	}
	var live []*bot
	for _, b := range x.srv.state.bots {
		if b.workspaceID == w.ID && b.online(apiConnector) != nil {
			live = append(live, b)
		}
	}
	slices.SortStableFunc(live, func(a, b *bot) int {
		return cmp.Compare(b.online(apiConnector).number, a.online(apiConnector).number)
	})
	found := []publishedBot{}
	for _, b := range live {
		v := b.online(apiConnector)
		found = append(found, publishedBot{
			b.id, v.config.name, v.config.description, v.config.iconURL, strconv.FormatInt(v.at(), 10),
		})
	}
	items, _ := page(found, x.number("page_index", 1), x.number("page_size", 20))
	return map[string]any{"space_bots": items, "total": len(found)}, nil
}

func (x *exchange) retrievePublishedBot() (any, error) {
	b, err := x.botToEdit(x.query.Get("bot_id"))
	if err != nil {
		return nil, err
	}
	v := b.online(apiConnector)
	if v == nil {
		return nil, refuse(codeBotNotPublished, "bot %s is not published to the API", b.id)
	}
	if name := x.query.Get("version"); name != "" && name != v.name() {
		i := slices.IndexFunc(b.releases, func(r *botVersion) bool { return r.name() == name })
		if i < 0 {
			return nil, refuse(codeNotFound, "bot %s has no version %s", b.id, name)
		}
		v = b.releases[i]
	}
	return b.wire(v, v.name()), nil
}
