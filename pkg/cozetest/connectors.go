package cozetest

import (
	"maps"
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var connectorHandlers = map[string]handler{
	"BindConnectorUserConfigs": lockedBody((*exchange).bindConnectorUserConfigs),
	"InstallConnector":         lockedBody((*exchange).installConnector),
	"UpdateConnectorBotAudit":  lockedBody((*exchange).updateConnectorBotAudit),
}

// Connector is what the server was told of a channel. The platform has no operation that reads it.
type Connector struct {
	Workspaces []string                     // ids of the workspaces that it was added to
	Devices    map[string]map[string]string // label of each device, by key and id of the device
	Audits     map[string]Audit             // result of the last review of each bot, by its id
}

// Audit is the result of a channel's review of a bot.
type Audit struct {
	Status    cozeapi.AuditStatus
	Reason    string
	ShareLink string
}

// Connector returns a copy of what the server was told of the channel with this id.
func (s *Server) Connector(id string) Connector {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var c Connector
	if known := s.state.connectors[id]; known != nil {
		c = Connector{slices.Clone(known.Workspaces), maps.Clone(known.Devices), maps.Clone(known.Audits)}
		for key, devices := range c.Devices {
			c.Devices[key] = maps.Clone(devices)
		}
	}
	return c
}

// connector finds the channel of the path, a new one if it was not heard of yet. The caller holds mu.
func (x *exchange) connector() *Connector {
	id := x.path["connector_id"]
	all := x.srv.state.connectors
	if all[id] == nil {
		all[id] = &Connector{Devices: map[string]map[string]string{}, Audits: map[string]Audit{}}
	}
	return all[id]
}

func (x *exchange) installConnector(req *cozeapi.InstallConnectorRequest) (any, error) {
	if _, err := x.workspace(req.WorkspaceID); err != nil {
		return nil, err
	}
	if c := x.connector(); !slices.Contains(c.Workspaces, req.WorkspaceID) {
		c.Workspaces = append(c.Workspaces, req.WorkspaceID)
	}
	return nil, nil
}

// bindConnectorUserConfigs adds devices to those that were bound before.
func (x *exchange) bindConnectorUserConfigs(req *cozeapi.BindConnectorUserConfigsRequest) (any, error) {
	if len(req.Configs) == 0 {
		return nil, refuse(codeInvalidParameter, "configs is empty")
	}
	for i, config := range req.Configs {
		if config.Key == "" || len(config.Enums) == 0 {
			return nil, refuse(codeInvalidParameter, "configs[%d] needs key and enums", i)
		}
	}
	c := x.connector()
	for _, config := range req.Configs {
		if c.Devices[config.Key] == nil {
			c.Devices[config.Key] = map[string]string{}
		}
		for _, device := range config.Enums {
			c.Devices[config.Key][device.Value] = device.Label
		}
	}
	return nil, nil
}

func (x *exchange) updateConnectorBotAudit(req *cozeapi.UpdateConnectorBotAuditRequest) (any, error) {
	status := valueOf(req.AuditStatus)
	switch {
	case status == 0:
		return nil, refuse(codeInvalidParameter, "audit_status is needed")
	case status == cozeapi.AuditStatusRejected && req.Reason == "":
		return nil, refuse(codeInvalidParameter, "audit_status 3 needs a reason")
	}
	st := &x.srv.state
	id := x.path["bot_id"]
	if st.bot(id) == nil {
		return nil, notFound("bot", id)
	}
	x.connector().Audits[id] = Audit{status, req.Reason, req.ShareLink}
	return nil, nil
}
