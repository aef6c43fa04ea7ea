package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

var botEditHandlers = map[string]handler{
	"CreateBot": lockedBody((*exchange).createBot),
	"UpdateBot": lockedBody((*exchange).updateBot),
}

// botConfig is what a user sets of a bot. What it points to never changes.
type botConfig struct {
	name        string
	description string
	iconURL     string
	prompt      *cozeapi.PromptInfo
	onboarding  *cozeapi.OnboardingInfo
	plugins     []cozeapi.PluginInfo
	workflows   []cozeapi.WorkflowInfo
	model       wireModel
	suggest     *cozeapi.SuggestReplyInfo
	knowledge   []cozeapi.KnowledgeRef
	voices      []cozeapi.BotVoice
}

type wireModel struct {
	*cozeapi.ModelInfoConfig
	ModelName string `json:"model_name"`
}

// newBotConfig is the configuration of a bot of which no more is known than a name.
func newBotConfig(name string) botConfig {
	return botConfig{
		name: name, description: "A bot of the fake platform.", iconURL: "https://example.com/bot.png",
		prompt:     &cozeapi.PromptInfo{Prompt: "You answer what the script says."},
		onboarding: &cozeapi.OnboardingInfo{Prologue: "Hello!"},
		model:      wireModel{&cozeapi.ModelInfoConfig{ModelID: "1"}, "fake"},
		plugins:    []cozeapi.PluginInfo{}, workflows: []cozeapi.WorkflowInfo{}, knowledge: []cozeapi.KnowledgeRef{},
	}
}

// with returns the configuration with what a request sets.
func (c botConfig) with(req *cozeapi.UpdateBotRequest) botConfig {
	if req.Name != "" {
		c.name = req.Name
	}
	if req.Description != "" {
		c.description = req.Description
	}
	if req.PromptInfo != nil {
		c.prompt = req.PromptInfo
	}
	if req.OnboardingInfo != nil {
		c.onboarding = req.OnboardingInfo
	}
	if req.SuggestReplyInfo != nil {
		c.suggest = req.SuggestReplyInfo
	}
	if req.ModelInfoConfig != nil {
		c.model = wireModel{req.ModelInfoConfig, "fake"}
	}
	if req.PluginIDList != nil {
		c.plugins = pluginsOf(req.PluginIDList.IDList)
	}
	if req.WorkflowIDList != nil {
		c.workflows = []cozeapi.WorkflowInfo{}
		for _, w := range req.WorkflowIDList.IDs {
			c.workflows = append(c.workflows, cozeapi.WorkflowInfo{ID: w.ID, Name: "Workflow " + w.ID})
		}
	}
	if req.Knowledge != nil {
		c.knowledge = []cozeapi.KnowledgeRef{}
		for _, id := range req.Knowledge.DatasetIDs {
			c.knowledge = append(c.knowledge, cozeapi.KnowledgeRef{ID: id, Name: "Knowledge base " + id})
		}
	}
	if len(req.VoiceIDs) > 0 {
		c.voices = nil
		for _, id := range req.VoiceIDs {
			c.voices = append(c.voices, cozeapi.BotVoice{VoiceID: id})
		}
	}
	return c
}

// pluginsOf gathers tools by their plugin.
func pluginsOf(tools []cozeapi.PluginIDInfo) []cozeapi.PluginInfo {
	list := []cozeapi.PluginInfo{}
	place := map[string]int{}
	for _, t := range tools {
		i, ok := place[t.PluginID]
		if !ok {
			i = len(list)
			place[t.PluginID] = i
			list = append(list, cozeapi.PluginInfo{PluginID: t.PluginID, Name: "Plugin " + t.PluginID})
		}
		list[i].APIInfoList = append(list[i].APIInfoList, cozeapi.PluginAPIInfo{APIID: t.APIID, Name: "Tool " + t.APIID})
	}
	return list
}

// wire is a version of the bot as it is read.
func (b *bot) wire(v *botVersion, version string) any {
	c := v.config
	questions := c.onboarding.SuggestedQuestions
	if questions == nil {
		questions = []string{}
	}
	fields := map[string]any{
		"bot_id": b.id, "name": c.name, "description": c.description, "icon_url": c.iconURL,
		"create_time": b.created, "update_time": v.at(), "version": version, "bot_mode": 0, "owner_user_id": b.ownerID,
		"prompt_info":        c.prompt,
		"onboarding_info":    map[string]any{"prologue": c.onboarding.Prologue, "suggested_questions": questions},
		"plugin_info_list":   c.plugins,
		"workflow_info_list": c.workflows,
		"shortcut_commands":  []any{},
		"knowledge":          map[string]any{"knowledge_infos": c.knowledge},
		"model_info":         c.model,
	}
	if c.suggest != nil {
		fields["suggest_reply_info"] = c.suggest
	}
	if len(c.voices) > 0 {
		fields["voice_info_list"] = c.voices
	}
	return fields
}

// botToEdit finds a bot that the caller can work on. The caller holds mu.
func (x *exchange) botToEdit(id string) (*bot, error) {
	b := x.srv.state.bot(id)
	if b == nil {
		return nil, refuse(codeBotNotFound, "bot %s does not exist", id)
	}
	if _, err := x.workspace(b.workspaceID); err != nil {
		return nil, err
	}
	return b, nil
}

func (x *exchange) createBot(req *cozeapi.CreateBotRequest) (any, error) {
	w, err := x.workspace(req.SpaceID)
	if err != nil {
		return nil, err
	}
	config := newBotConfig(req.Name)
	config.description = req.Description
	config.prompt, config.onboarding = &cozeapi.PromptInfo{}, &cozeapi.OnboardingInfo{}
	if config.iconURL, err = x.iconURL(req.IconFileID, config.iconURL); err != nil {
		return nil, err
	}
	config = config.with(&cozeapi.UpdateBotRequest{
		PromptInfo: req.PromptInfo, OnboardingInfo: req.OnboardingInfo, PluginIDList: req.PluginIDList, VoiceIDs: req.VoiceIDs,
		WorkflowIDList: req.WorkflowIDList, ModelInfoConfig: req.ModelInfoConfig, SuggestReplyInfo: req.SuggestReplyInfo,
	})
	return map[string]any{"bot_id": x.addBot(w.ID, config).id}, nil
}

// addBot makes and keeps a draft of the caller. The caller holds mu.
func (x *exchange) addBot(workspaceID string, config botConfig) *bot {
	b := newBot(x.srv.ids.next(), workspaceID, x.caller.userID, config, x.srv.cfg.clock().UnixMilli())
	x.srv.state.bots = append(x.srv.state.bots, b)
	return b
}

func (x *exchange) updateBot(req *cozeapi.UpdateBotRequest) (any, error) {
	b, err := x.botToEdit(req.BotID)
	if err != nil {
		return nil, err
	}
	config := b.draft().config.with(req)
	if config.iconURL, err = x.iconURL(req.IconFileID, config.iconURL); err != nil {
		return nil, err
	}
	b.revise(config, x.caller.userID, x.srv.cfg.clock().UnixMilli())
	return nil, nil
}
