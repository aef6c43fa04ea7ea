package cozetest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func user(id, role string) obj { return obj{"user_id": id, "role_type": role} }

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	id := c.ok(http.MethodPost, "/v1/workspaces", obj{"name": "Team", "description": "Ours"}).str("id")
	c.ok(http.MethodPost, "/v1/workspaces", obj{"name": "Theirs", "description": "", "owner_uid": "77"})
	c.ok(http.MethodPut, "/v1/workspaces/"+id, obj{"name": "Crew"})
	r := c.ok(http.MethodGet, "/v1/workspaces", nil)
	r.want(t, "workspaces", "name", "Personal Crew")
	r.want(t, "workspaces", "description", " Ours")
	r.want(t, "workspaces", "workspace_type", "personal team")
	r.want(t, "workspaces", "role_type", "owner owner")
	r = c.ok(http.MethodGet, "/v1/workspaces?page_size=1&page_num=2", nil)
	r.want(t, "workspaces", "id", id)
	if r.Data["total_count"] != 2.0 {
		t.Errorf("got %s", r.text)
	}
	made := c.ok(http.MethodPost, "/v1/bot/create", obj{"space_id": id, "name": "Clerk"}).str("bot_id")
	c.ok(http.MethodGet, "/v1/bots?publish_status=all&workspace_id="+id, nil).want(t, "items", "id", made)
	c.ok(http.MethodGet, "/v1/bots?publish_status=all&workspace_id="+space, nil).want(t, "items", "id", bot)
}

// TestInvitations shows members of a workspace without an enterprise, who come when they accept.
func TestInvitations(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	path := "/v1/workspaces/" + c.ok(http.MethodPost, "/v1/workspaces", obj{"name": "Team", "description": "Ours"}).str("id") + "/members"
	for _, want := range []string{
		"[] [77 78] [nobody] [7400000000000000003] []",
		"[] [] [nobody] [7400000000000000003] [77 78]",
	} {
		r := c.ok(http.MethodPost, path, obj{"users": []obj{
			user("77", "admin"), user("78", "member"), user("nobody", "member"), user(cozetest.DefaultUserID, "member"),
		}})
		got := fmt.Sprint(r.Data["added_success_user_ids"], r.Data["invited_success_user_ids"], r.Data["not_exist_user_ids"],
			r.Data["already_joined_user_ids"], r.Data["already_invited_user_ids"])
		if want := fmt.Sprint(want); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	c.ok(http.MethodGet, path, nil).want(t, "items", "user_id", cozetest.DefaultUserID)
	srv.Member(path[len("/v1/workspaces/"):len(path)-len("/members")], "77")
	c.ok(http.MethodGet, path, nil).want(t, "items", "role_type", "owner admin")
	c.ok(http.MethodGet, "/v1/workspaces?page_num=2&page_size=1", nil).want(t, "workspaces", "admin_uids", "[77]")
}

// TestWorkspaceMembers shows members of a workspace of an enterprise, who come at once.
func TestWorkspaceMembers(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	id := c.ok(http.MethodPost, "/v1/workspaces", obj{
		"name": "Team", "description": "Ours", "coze_account_id": cozetest.DefaultOrganizationID,
	}).str("id")
	path := "/v1/workspaces/" + id + "/members"
	var users []obj
	for i := range 5 {
		uid := fmt.Sprint(100 + i)
		users = append(users, user(uid, "member"))
		c.refused(http.MethodPost, path, obj{"users": users}, 702042162)
		c.ok(http.MethodPost, "/v1/enterprises/"+cozetest.DefaultEnterpriseID+"/members",
			obj{"users": []obj{{"user_id": uid, "role": "enterprise_member"}}})
	}
	if r := c.ok(http.MethodPost, path, obj{"users": users}); fmt.Sprint(r.Data["added_success_user_ids"]) != "[100 101 102 103 104]" {
		t.Errorf("got %s", r.text)
	}
	for query, want := range map[string]string{
		"?page_size=2": cozetest.DefaultUserID + " 100", "?page_size=2&page_num=3": "103 104", "?page_size=2&page_num=4": "",
	} {
		r := c.ok(http.MethodGet, path+query, nil)
		r.want(t, "items", "user_id", want)
		if r.Data["total_count"] != 6.0 {
			t.Errorf("got %s", r.text)
		}
	}
	c.ok(http.MethodGet, "/v1/workspaces?user_id=100&coze_account_id="+cozetest.DefaultOrganizationID, nil).want(t, "workspaces", "id", id)
	c.ok(http.MethodGet, "/v1/workspaces?enterprise_id="+cozetest.DefaultEnterpriseID, nil).want(t, "workspaces", "id", id)
	r := c.ok(http.MethodDelete, path, obj{"user_ids": []string{"100", "101", "100", cozetest.DefaultUserID}})
	if got := fmt.Sprint(r.Data["removed_success_user_ids"], r.Data["not_in_workspace_user_ids"],
		r.Data["owner_not_support_remove_user_ids"]); got != "[100 101] [100] ["+cozetest.DefaultUserID+"]" {
		t.Errorf("got %s", r.text)
	}
	c.ok(http.MethodGet, path, nil).want(t, "items", "user_id", cozetest.DefaultUserID+" 102 103 104")
}

func TestMemberOfNoWorkspace(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("got no panic")
		}
	}()
	cozetest.NewServer(t).Member("99", "77")
}

func TestFoldersAndApps(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	for _, f := range [][2]string{{"1", ""}, {"2", "1"}, {"3", "1"}, {"4", "1"}, {"4", ""}} {
		srv.Folder(f[0], f[1])
	}
	srv.App("21")
	srv.App("21")
	c := newClient(t, srv)
	path := "/v1/folders?folder_type=development&workspace_id=" + space
	c.ok(http.MethodGet, path, nil).want(t, "items", "children_count", "0 3")
	c.ok(http.MethodGet, path+"&parent_folder_id=0", nil).want(t, "items", "id", cozetest.DefaultFolderID+" 1")
	c.ok(http.MethodGet, "/v1/folders?folder_type=library&workspace_id="+space, nil).want(t, "items", "id", "")
	for num, want := range map[int]string{1: "2 3 true 3", 2: "4 false 3"} {
		r := c.ok(http.MethodGet, fmt.Sprint(path, "&parent_folder_id=1&page_size=2&page_num=", num), nil)
		if got := fmt.Sprint(r.items("items", "id"), " ", r.Data["has_more"], " ", r.Data["total_count"]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	r := c.ok(http.MethodGet, "/v1/folders/2", nil)
	if _, counted := r.Data["children_count"]; counted || r.str("parent_folder_id") != "1" {
		t.Errorf("got %s", r.text)
	}
	c.ok(http.MethodGet, "/v1/apps?workspace_id="+space, nil).want(t, "items", "id", cozetest.DefaultAppID+" 21")
	c.ok(http.MethodGet, "/v1/apps?connector_id=999&workspace_id="+space, nil).want(t, "items", "id", "")
	c.ok(http.MethodGet, "/v1/apps?page_size=1&page_num=2&publish_status=all&workspace_id="+space, nil).want(t, "items", "id", "21")
}

func TestCopies(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	other := c.ok(http.MethodPost, "/v1/workspaces", obj{"name": "Team", "description": "Ours"}).str("id")
	start := func(kind, id, to string) reply {
		body := obj{"entity_type": kind, "entity_id": id}
		if to != "" {
			body["to_workspace_id"] = to
		}
		return c.ok(http.MethodPost, "/v1/entities/copy_tasks", body)
	}
	drafts := func(things, workspace string) reply {
		return c.ok(http.MethodGet, "/v1/"+things+"?publish_status=unpublished_draft&workspace_id="+workspace, nil)
	}
	here := start("bot", bot, "").str("copied_entity_id")
	drafts("bots", space).want(t, "items", "id", here)
	for _, tc := range []struct{ kind, id, to, at string }{
		{"bot", bot, other, other}, {"app", cozetest.DefaultAppID, "", space}, {"workflow", "123", "", space},
	} {
		task := start(tc.kind, tc.id, tc.to).str("task_id")
		path := "/v1/entities/copy_tasks/" + task
		if r := c.ok(http.MethodGet, path, nil); r.str("task_status") != "in_progress" || r.str("target_entity_id") != "" {
			t.Errorf("%s: got %s", tc.kind, r.text)
		}
		r := c.ok(http.MethodGet, path, nil)
		target := r.str("target_entity_id")
		if r.str("task_status") != "successful" || len(target) != 19 || r.str("target_workspace_id") != tc.at {
			t.Errorf("%s: got %s", tc.kind, r.text)
		}
		if again := c.ok(http.MethodGet, path, nil).str("target_entity_id"); again != target {
			t.Errorf("%s: got copy %s, then %s", tc.kind, target, again)
		}
		if tc.kind != "workflow" {
			drafts(tc.kind+"s", tc.at).want(t, "items", "id", target)
		}
	}
	r := c.ok(http.MethodPost, "/v1/templates/"+cozetest.DefaultTemplateID+"/duplicate", obj{"workspace_id": other, "name": "Mine"})
	if r.str("entity_type") != "agent" {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok(http.MethodGet, "/v1/bots/"+r.str("entity_id")+"?is_published=false", nil); r.str("name") != "Mine" {
		t.Errorf("got %s", r.text)
	}
}
