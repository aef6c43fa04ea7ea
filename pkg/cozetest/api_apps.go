package cozetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var apiAppHandlers = map[string]handler{
	"CreateApiApp":            lockedBody((*exchange).createAPIApp),
	"DeleteApiApp":            locked((*exchange).deleteAPIApp),
	"ListApiApps":             locked((*exchange).listAPIApps),
	"ListApiAppEvents":        locked((*exchange).listAPIAppEvents),
	"SubscribeApiAppEvents":   lockedBody((*exchange).subscribeAPIAppEvents),
	"UnsubscribeApiAppEvents": lockedBody((*exchange).unsubscribeAPIAppEvents),
	"UpdateApiApp":            (*exchange).updateAPIApp,
}

const (
	apiAppNormal    = "normal"
	apiAppConnector = "connector"
)

// apiApp is a callback app with the events that it is subscribed to, sorted.
type apiApp struct {
	wire   wireAPIApp
	events []string
}

type wireAPIApp struct {
	ID          string `json:"id"`
	AppType     string `json:"app_type"`
	Name        string `json:"name"`
	ConnectorID string `json:"connector_id,omitempty"`
	CallbackURL string `json:"callback_url,omitempty"`
	VerifyToken string `json:"verify_token"`
}

// apiAppEvents are the names of the events for people.
var apiAppEvents = map[string]string{
	"bot.published":                  "Bot published",
	"bot.deleted":                    "Bot deleted",
	"bot.unpublished":                "Bot unpublished",
	"benefit.usage":                  "Quota used",
	"benefit.plugin.scale.requested": "Plugin capacity requested",
	"benefit.plugin.scale.expired":   "Plugin capacity expired",
}

// apiApp finds the callback app of the path. The caller holds mu.
func (x *exchange) apiApp() (*apiApp, error) {
	id := x.path["api_app_id"]
	for _, a := range x.srv.state.apiApps {
		if a.wire.ID == id {
			return a, nil
		}
	}
	return nil, notFound("callback app", id)
}

func (x *exchange) createAPIApp(req *cozeapi.CreateAPIAppRequest) (any, error) {
	kind := string(req.AppType)
	switch {
	case kind == apiAppNormal && req.Name == "":
		return nil, refuse(codeInvalidParameter, "app_type normal needs a name")
	case kind == apiAppConnector && req.ConnectorID == "":
		return nil, refuse(codeInvalidParameter, "app_type connector needs connector_id")
	case kind == apiAppNormal && req.ConnectorID != "":
		return nil, refuse(codeInvalidParameter, "app_type normal takes no connector_id")
	}
	a := &apiApp{wire: wireAPIApp{ID: x.srv.ids.next(), AppType: kind, Name: req.Name, ConnectorID: req.ConnectorID}}
	secret := sha256.Sum256([]byte(a.wire.ID + " of a fake")) // no secret at all, but one that looks like one and is always the same
	a.wire.VerifyToken = hex.EncodeToString(secret[:])
	st := &x.srv.state
	st.apiApps = append(st.apiApps, a)
	return a.wire, nil
}

// nextPage writes a page of a list by token. The token is absent on the last one.
func nextPage[T any](items []T, next string) map[string]any {
	m := map[string]any{"items": items, "has_more": next != ""}
	if next != "" {
		m["next_page_token"] = next
	}
	return m
}

func (x *exchange) listAPIApps() (any, error) {
	st := &x.srv.state
	found := []wireAPIApp{}
	for _, a := range st.apiApps {
		if kind := x.query.Get("app_type"); kind == "" || kind == a.wire.AppType {
			found = append(found, a.wire)
		}
	}
	id := func(a wireAPIApp) string { return a.ID }
	items, next, err := pageByToken(found, id, x.query.Get("page_token"), x.number("page_size", 50))
	if err != nil {
		return nil, err
	}
	return nextPage(items, next), nil
}

// updateAPIApp changes name and URL. The challenge goes out while nothing is locked, for its receiver may call the server.
func (x *exchange) updateAPIApp() (any, error) {
	var req cozeapi.UpdateAPIAppRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	verifyToken, err := x.verifyToken()
	if err != nil {
		return nil, err
	}
	if req.CallbackURL != "" {
		u, err := url.Parse(req.CallbackURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, refuse(codeInvalidParameter, "callback_url %q is no URL that events can be sent to", req.CallbackURL)
		}
		if err := x.challenge(req.CallbackURL, verifyToken); err != nil {
			return nil, err
		}
	}
	return locked(func(x *exchange) (any, error) {
		a, err := x.apiApp()
		if err != nil {
			return nil, err
		}
		a.wire.Name, a.wire.CallbackURL = cmp.Or(req.Name, a.wire.Name), cmp.Or(req.CallbackURL, a.wire.CallbackURL)
		return nil, nil
	})(x)
}

// verifyToken is that of the callback app of the path.
func (x *exchange) verifyToken() (string, error) {
	x.srv.state.mu.Lock()
	defer x.srv.state.mu.Unlock()
	a, err := x.apiApp()
	if err != nil {
		return "", err
	}
	return a.wire.VerifyToken, nil
}

func (x *exchange) deleteAPIApp() (any, error) {
	st := &x.srv.state
	gone, err := x.apiApp()
	if err != nil {
		return nil, err
	}
	st.apiApps = slices.DeleteFunc(st.apiApps, func(a *apiApp) bool { return a == gone })
	return nil, nil
}

func (x *exchange) subscribeAPIAppEvents(req *cozeapi.SubscribeAPIAppEventsRequest) (any, error) {
	if len(req.EventTypes) == 0 {
		return nil, refuse(codeInvalidParameter, "event_types is empty")
	}
	a, err := x.apiApp()
	if err != nil {
		return nil, err
	}
	events := slices.Clone(a.events)
	for _, e := range req.EventTypes {
		if a.wire.AppType == apiAppConnector && strings.HasPrefix(string(e), "benefit.plugin.") {
			return nil, refuse(codeInvalidParameter, "event %s is for callback apps of type normal", e)
		}
		events = append(events, string(e))
	}
	slices.Sort(events)
	a.events = slices.Compact(events)
	return nil, nil
}

func (x *exchange) listAPIAppEvents() (any, error) {
	a, err := x.apiApp()
	if err != nil {
		return nil, err
	}
	name := func(e string) string { return e }
	events, next, err := pageByToken(a.events, name, x.query.Get("page_token"), x.number("page_size", 50))
	if err != nil {
		return nil, err
	}
	items := []map[string]any{}
	for _, e := range events {
		items = append(items, map[string]any{
			"api_app_id": a.wire.ID, "event_type": e, "name": apiAppEvents[e], "description": "Event " + e + ".",
		})
	}
	return nextPage(items, next), nil
}

// unsubscribeAPIAppEvents ends subscriptions. One that there is not has ended already.
func (x *exchange) unsubscribeAPIAppEvents(req *cozeapi.UnsubscribeAPIAppEventsRequest) (any, error) {
	if len(req.EventTypes) == 0 {
		return nil, refuse(codeInvalidParameter, "event_types is empty")
	}
	a, err := x.apiApp()
	if err != nil {
		return nil, err
	}
	a.events = slices.DeleteFunc(a.events, func(e string) bool {
		return slices.Contains(req.EventTypes, cozeapi.APIAppEventType(e))
	})
	return nil, nil
}
