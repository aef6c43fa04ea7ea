package cozetest

import "strconv"

var botHandlers = map[string]handler{
	"ListBots":    (*exchange).listBots,
	"RetrieveBot": (*exchange).retrieveBot,
}

// Script says what a bot does in one chat. It runs in a goroutine of its own. When it returns nil, the chat is completed; an
// error fails the chat with code 5000.
type Script func(*Turn) error

// bot is a bot with its script. Only script and published change.
type bot struct {
	id        string
	name      string
	script    Script
	published bool
	created   int64 // Unix seconds
}

func newBot(id string, script Script, published bool, now int64) *bot {
	return &bot{id: id, name: "Bot " + id, script: script, published: published, created: now}
}

// Bot registers a bot that is published to the API, or replaces the script of the one with this id. Chats that run go on with
// the script that they began with.
func (s *Server) Bot(id string, script Script) { s.setBot(id, script, true) }

// DraftBot registers a bot that is not published, or unpublishes and replaces the one with this id. The platform refuses chats
// with it, with code 4015, unless they ask for the draft.
func (s *Server) DraftBot(id string, script Script) { s.setBot(id, script, false) }

func (s *Server) setBot(id string, script Script, published bool) {
	now := s.now()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if b := s.state.bot(id); b != nil {
		b.script, b.published = script, published
		return
	}
	s.state.bots = append(s.state.bots, newBot(id, script, published, now))
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

type botSummary struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	IconURL     string `json:"icon_url"`
	IsPublished bool   `json:"is_published"`
	UpdatedAt   int64  `json:"updated_at"`
	PublishedAt int64  `json:"published_at,omitempty"`
	OwnerUserID string `json:"owner_user_id"`
}

func (b *bot) summary() botSummary {
	s := botSummary{
		ID: b.id, Name: b.name, Description: "A bot of the fake platform.", IconURL: "https://example.com/bot.png",
		IsPublished: b.published, UpdatedAt: b.created, OwnerUserID: DefaultUserID,
	}
	if b.published {
		s.PublishedAt = b.created
	}
	return s
}

func (x *exchange) listBots() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	if id := x.query.Get("workspace_id"); id != DefaultWorkspaceID {
		return nil, refuse(codePermissionDenied, "the token has no access to workspace %s", id)
	}
	status := x.query.Get("publish_status")
	found := []botSummary{}
	for _, b := range st.bots {
		switch {
		case status == "all", b.published && (status == "" || status == "published_online"), !b.published && status == "unpublished_draft":
			found = append(found, b.summary())
		}
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "total": len(found)}, nil
}

func (x *exchange) retrieveBot() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	b := st.bot(x.path["bot_id"])
	if b == nil {
		return nil, notFound("bot", x.path["bot_id"])
	}
	published := x.query.Get("is_published") != "false"
	if published && !b.published {
		return nil, refuse(codeNotFound, "bot %s is not published", b.id)
	}
	version := ""
	if published {
		version = strconv.FormatInt(b.created*1000, 10)
	}
	return map[string]any{
		"bot_id": b.id, "name": b.name, "description": "A bot of the fake platform.", "icon_url": "https://example.com/bot.png",
		"create_time": b.created, "update_time": b.created, "version": version, "bot_mode": 0, "owner_user_id": DefaultUserID,
		"prompt_info":        map[string]any{"prompt": "You answer what the script says."},
		"onboarding_info":    map[string]any{"prologue": "Hello!", "suggested_questions": []string{}},
		"plugin_info_list":   []any{},
		"workflow_info_list": []any{},
		"shortcut_commands":  []any{},
		"knowledge":          map[string]any{"knowledge_infos": []any{}},
		"model_info":         map[string]any{"model_id": "1", "model_name": "fake"},
	}, nil
}
