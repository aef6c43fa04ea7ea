package cozetest

import "strconv"

var botHandlers = map[string]handler{
	"ListBots":    locked((*exchange).listBots),
	"RetrieveBot": locked((*exchange).retrieveBot),
}

// Script says what a bot does in one chat. It runs in a goroutine of its own. When it returns nil, the chat is completed; an
// error fails the chat with code 5000.
type Script func(*Turn) error

// bot is a bot with its script and its versions.
type bot struct {
	id          string
	workspaceID string
	ownerID     string
	script      Script
	created     int64         // Unix seconds
	drafts      []*botVersion // never empty; the last one is what users edit
	releases    []*botVersion
	live        map[string]*botVersion // releases by the channel that they are published to
}

// botVersion is a version of a bot. It never changes.
type botVersion struct {
	number   int64 // Unix ms, a little more where two versions would have the same
	config   botConfig
	authorID string
	draft    *botVersion // that a release was made of
	channels []string    // that a release was published to
}

// at is when the version was made, in Unix seconds.
func (v *botVersion) at() int64 { return v.number / 1000 }

func (v *botVersion) name() string { return strconv.FormatInt(v.number, 10) }

// newBot makes a draft. The time is in Unix ms.
func newBot(id, workspaceID, ownerID string, config botConfig, now int64) *bot {
	b := &bot{id: id, workspaceID: workspaceID, ownerID: ownerID, script: Echo, created: now / 1000, live: map[string]*botVersion{}}
	b.revise(config, ownerID, now)
	return b
}

// Bot registers a bot that is published to the API and the Chat SDK, or replaces the script of the one with this id. Chats that
// run go on with the script that they began with. A bot that was made by CreateBot answers with [Echo] until it gets a script.
func (s *Server) Bot(id string, script Script) { s.setBot(id, script, true) }

// DraftBot registers a bot that is not published, or unpublishes and replaces the one with this id. The platform refuses chats
// with it, with code 4015, unless they ask for the draft.
func (s *Server) DraftBot(id string, script Script) { s.setBot(id, script, false) }

func (s *Server) setBot(id string, script Script, published bool) {
	now := s.cfg.clock().UnixMilli()
	st := &s.state
	st.mu.Lock()
	defer st.mu.Unlock()
	b := st.bot(id)
	if b == nil {
		b = newBot(id, DefaultWorkspaceID, DefaultUserID, newBotConfig("Bot "+id), now)
		st.bots = append(st.bots, b)
	}
	b.script = script
	switch {
	case !published:
		clear(b.live)
	case b.online(apiConnector) == nil:
		b.release([]string{apiConnector, chatSDKConnector}, DefaultUserID, now)
	}
}

// bot finds a bot. The caller holds mu.
func (st *state) bot(id string) *bot {
	for _, b := range st.bots {
		if b.id == id {
			return b
		}
	}
	return nil
}

func (b *bot) draft() *botVersion { return b.drafts[len(b.drafts)-1] }

// online is the version that a channel, by default the API, has; nil if the bot is not published to it.
func (b *bot) online(channel string) *botVersion {
	if channel == "" {
		channel = apiConnector
	}
	return b.live[channel]
}

// number makes the number of the next version.
func (b *bot) number(now int64) int64 {
	for _, list := range [][]*botVersion{b.drafts, b.releases} {
		if len(list) > 0 {
			now = max(now, list[len(list)-1].number+1)
		}
	}
	return now
}

func (b *bot) revise(config botConfig, authorID string, now int64) {
	b.drafts = append(b.drafts, &botVersion{number: b.number(now), config: config, authorID: authorID})
}

// release publishes the draft to channels.
func (b *bot) release(channels []string, authorID string, now int64) *botVersion {
	d := b.draft()
	v := &botVersion{number: b.number(now), config: d.config, authorID: authorID, draft: d, channels: channels}
	b.releases = append(b.releases, v)
	for _, c := range channels {
		b.live[c] = v
	}
	return v
}

const (
	publishedOnline  = "published_online"
	publishedDraft   = "published_draft"
	unpublishedDraft = "unpublished_draft"
)

// status is how a bot stands on a channel.
func (b *bot) status(channel string) string {
	v := b.online(channel)
	switch {
	case v == nil:
		return unpublishedDraft
	case v.draft != b.draft():
		return publishedDraft
	}
	return publishedOnline
}

// summary is a bot or an app as listings show it.
type summary struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	IconURL     string `json:"icon_url"`
	IsPublished bool   `json:"is_published"`
	UpdatedAt   int64  `json:"updated_at"`
	PublishedAt int64  `json:"published_at,omitempty"`
	OwnerUserID string `json:"owner_user_id"`
}

func (b *bot) summary(channel string) summary {
	d := b.draft()
	s := summary{
		ID: b.id, Name: d.config.name, Description: d.config.description, IconURL: d.config.iconURL,
		IsPublished: b.online(channel) != nil, UpdatedAt: d.at(), OwnerUserID: b.ownerID,
	}
	if n := len(b.releases); n > 0 {
		s.PublishedAt = b.releases[n-1].at()
	}
	return s
}

func (x *exchange) listBots() (any, error) {
	w, err := x.workspace(x.query.Get("workspace_id"))
	if err != nil {
		return nil, err
	}
	channel := x.query.Get("connector_id")
	found := []summary{}
	for _, b := range x.srv.state.bots {
		if b.workspaceID == w.ID && x.wantsStatus(b.status(channel)) {
			found = append(found, b.summary(channel))
		}
	}
	return x.summaryPage(found), nil
}

// wantsStatus tells whether a listing is to show what stands so.
func (x *exchange) wantsStatus(status string) bool {
	want := x.query.Get("publish_status")
	return want == "all" || want == status || want == "" && status == publishedOnline
}

func (x *exchange) summaryPage(found []summary) any {
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "total": len(found)}
}

func (x *exchange) retrieveBot() (any, error) {
	b := x.srv.state.bot(x.path["bot_id"])
	if b == nil {
		return nil, notFound("bot", x.path["bot_id"])
	}
	if _, err := x.workspace(b.workspaceID); err != nil {
		return nil, err
	}
	if x.query.Get("is_published") == "false" {
		return b.wire(b.draft(), ""), nil
	}
	v := b.online(x.query.Get("connector_id"))
	if v == nil {
		return nil, refuse(codeNotFound, "bot %s is not published", b.id)
	}
	return b.wire(v, v.name()), nil
}
