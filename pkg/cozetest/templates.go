package cozetest

import "github.com/cozekit/cozekit/gen/cozeapi"

var templateHandlers = map[string]handler{
	"DuplicateTemplate": lockedBody((*exchange).duplicateTemplate),
}

// duplicateTemplate makes a draft of the one template that there is, [DefaultTemplateID].
func (x *exchange) duplicateTemplate(req *cozeapi.DuplicateTemplateRequest) (any, error) {
	if x.path["template_id"] != DefaultTemplateID {
		return nil, notFound("template", x.path["template_id"])
	}
	w, err := x.workspace(req.WorkspaceID)
	if err != nil {
		return nil, err
	}
	name := req.Name
	if name == "" {
		name = "Template"
	}
	return map[string]any{"entity_id": x.addBot(w.ID, newBotConfig(name)).id, "entity_type": "agent"}, nil
}
