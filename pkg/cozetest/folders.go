package cozetest

import "slices"

var folderHandlers = map[string]handler{
	"ListFolders":    locked((*exchange).listFolders),
	"RetrieveFolder": locked((*exchange).retrieveFolder),
}

// folder is a folder of the default workspace, of type development.
type folder struct {
	id       string
	parentID string // empty on the top level
}

type wireFolder struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Description    string `json:"description"`
	WorkspaceID    string `json:"workspace_id"`
	CreatorUserID  string `json:"creator_user_id"`
	FolderType     string `json:"folder_type"`
	ParentFolderID string `json:"parent_folder_id,omitempty"`
	ChildrenCount  *int   `json:"children_count,omitempty"` // in listings only
}

// Folder registers a folder in the default workspace, within another one or, if parentID is empty, on the top level. It does
// nothing if there is one with this id.
func (s *Server) Folder(id, parentID string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.state.folder(id) == nil {
		s.state.folders = append(s.state.folders, &folder{id, parentID})
	}
}

// folder finds a folder. The caller holds mu.
func (st *state) folder(id string) *folder {
	if i := slices.IndexFunc(st.folders, func(f *folder) bool { return f.id == id }); i >= 0 {
		return st.folders[i]
	}
	return nil
}

func (f *folder) wire() wireFolder {
	return wireFolder{
		ID: f.id, Name: "Folder " + f.id, Description: "A folder of the fake platform.", WorkspaceID: DefaultWorkspaceID,
		CreatorUserID: DefaultUserID, FolderType: "development", ParentFolderID: f.parentID,
	}
}

func (x *exchange) listFolders() (any, error) {
	w, err := x.workspace(x.query.Get("workspace_id"))
	if err != nil {
		return nil, err
	}
	st := &x.srv.state
	parent := x.query.Get("parent_folder_id")
	if parent == "0" {
		parent = ""
	}
	if parent != "" && st.folder(parent) == nil {
		return nil, notFound("folder", parent)
	}
	found := []wireFolder{}
	for _, f := range st.folders {
		if w.ID == DefaultWorkspaceID && f.parentID == parent && x.query.Get("folder_type") == "development" {
			children := 0
			for _, c := range st.folders {
				if c.parentID == f.id {
					children++
				}
			}
			wire := f.wire()
			wire.ChildrenCount = &children
			found = append(found, wire)
		}
	}
	items, more := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "has_more": more, "total_count": len(found)}, nil
}

func (x *exchange) retrieveFolder() (any, error) {
	f := x.srv.state.folder(x.path["folder_id"])
	if f == nil {
		return nil, notFound("folder", x.path["folder_id"])
	}
	if _, err := x.workspace(DefaultWorkspaceID); err != nil {
		return nil, err
	}
	return f.wire(), nil
}
