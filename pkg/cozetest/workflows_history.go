package cozetest

import "strconv"

type wireRun struct {
	ExecuteID    string              `json:"execute_id"`
	Status       string              `json:"execute_status"`
	BotID        string              `json:"bot_id"`
	ConnectorID  string              `json:"connector_id"`
	ConnectorUID string              `json:"connector_uid"`
	RunMode      int                 `json:"run_mode"`
	LogID        string              `json:"logid"`
	CreateTime   int64               `json:"create_time"`
	UpdateTime   int64               `json:"update_time"`
	Output       string              `json:"output"`
	Token        string              `json:"token,omitempty"`
	ErrorCode    string              `json:"error_code"`
	ErrorMessage string              `json:"error_message,omitempty"`
	DebugURL     string              `json:"debug_url"`
	Usage        *wireUsage          `json:"usage,omitempty"`
	Nodes        map[string]wireNode `json:"node_execute_status,omitempty"`
	Interrupt    *wireInterrupt      `json:"interrupt_data,omitempty"`
}

type wireNode struct {
	NodeID     string `json:"node_id"`
	Finished   bool   `json:"is_finish"`
	UpdateTime int64  `json:"update_time"`
	UUID       string `json:"node_execute_uuid"`
}

// pastRun finds the run of a request for its history. The caller holds mu.
func (x *exchange) pastRun() (*Run, error) {
	flowID, id := x.path["workflow_id"], x.path["execute_id"]
	if flowID == "" {
		flowID, id = x.query.Get("workflow_id"), x.query.Get("execute_id")
	}
	r := x.srv.state.workflows.runs[id]
	if r == nil || r.flow.id != flowID || r.caller.visitor() != x.caller.visitor() {
		return nil, notFound("run", id)
	}
	return r, nil
}

// getRunHistory answers with a list of one run.
func (x *exchange) getRunHistory() (any, error) {
	r, err := x.pastRun()
	if err != nil {
		return nil, err
	}
	return []wireRun{r.history()}, nil
}

// history tells about the run. The caller holds mu.
func (r *Run) history() wireRun {
	rec := &r.record
	h := wireRun{
		ExecuteID: r.id, Status: rec.status, BotID: r.Request.BotID, ConnectorID: r.Request.ConnectorID,
		ConnectorUID: r.caller.userID, RunMode: r.mode, LogID: r.logID, CreateTime: rec.created, UpdateTime: rec.updated,
		DebugURL: r.debugURL(), Usage: rec.usage, Nodes: map[string]wireNode{}, Interrupt: rec.asks,
	}
	if h.BotID == "" {
		h.BotID = "0"
	}
	if h.ConnectorID == "" {
		h.ConnectorID = apiConnector
	}
	if h.Usage != nil {
		h.Token = strconv.Itoa(h.Usage.TokenCount)
	}
	switch rec.status {
	case runSuccess:
		h.Output = string(mustEncode(map[string]string{"Output": rec.output}))
	case runFail:
		h.ErrorCode, h.ErrorMessage = strconv.Itoa(rec.fault.Code), rec.fault.Msg
	}
	for _, n := range rec.nodes {
		if n.title != EndNode {
			h.Nodes[n.title] = wireNode{n.id, n.finished, n.updated, n.uuid}
		}
	}
	return h
}

func (x *exchange) getNodeHistory() (any, error) {
	r, err := x.pastRun()
	if err != nil {
		return nil, err
	}
	uuid := x.path["node_execute_uuid"]
	for _, n := range r.record.nodes {
		if n.uuid == uuid && n.title != EndNode {
			return map[string]any{"is_finish": n.finished, "node_output": n.output}, nil
		}
	}
	return nil, notFound("execution of an output node", uuid)
}
