package cozetest

import "slices"

var appHandlers = map[string]handler{
	"ListApps": locked((*exchange).listApps),
}

// app is an app. Only its publishing is of interest here, to the API alone.
type app struct {
	workspaceID string
	summary     summary
}

func newPublishedApp(id string, now int64) *app {
	return &app{DefaultWorkspaceID, summary{
		ID: id, Name: "App " + id, Description: "An app of the fake platform.", IconURL: "https://example.com/app.png",
		IsPublished: true, UpdatedAt: now, PublishedAt: now, OwnerUserID: DefaultUserID,
	}}
}

// App registers an app in the default workspace that is published to the API, unless there is one with this id.
func (s *Server) App(id string) {
	now := s.now()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.state.app(id) == nil {
		s.state.apps = append(s.state.apps, newPublishedApp(id, now))
	}
}

// app finds an app. The caller holds mu.
func (st *state) app(id string) *app {
	if i := slices.IndexFunc(st.apps, func(a *app) bool { return a.summary.ID == id }); i >= 0 {
		return st.apps[i]
	}
	return nil
}

// app finds an app that the caller can work on. The caller holds mu.
func (x *exchange) app(id string) (*app, error) {
	a := x.srv.state.app(id)
	if a == nil {
		return nil, notFound("app", id)
	}
	if _, err := x.workspace(a.workspaceID); err != nil {
		return nil, err
	}
	return a, nil
}

func (x *exchange) listApps() (any, error) {
	w, err := x.workspace(x.query.Get("workspace_id"))
	if err != nil {
		return nil, err
	}
	channel := x.query.Get("connector_id")
	found := []summary{}
	for _, a := range x.srv.state.apps {
		s, status := a.summary, unpublishedDraft
		s.IsPublished = s.IsPublished && (channel == "" || channel == apiConnector)
		if s.IsPublished {
			status = publishedOnline
		}
		if a.workspaceID == w.ID && x.wantsStatus(status) {
			found = append(found, s)
		}
	}
	return x.summaryPage(found), nil
}
