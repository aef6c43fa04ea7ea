package cozetest_test

import (
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestUnknownIDs shows that what does not exist is refused, which is no violation of the contract.
func TestUnknownIDs(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	theirs := c.ok(http.MethodPost, "/v1/workspaces", obj{"name": "Theirs", "description": "", "owner_uid": "77"}).str("id")
	draft := c.ok(http.MethodPost, "/v1/bot/create", obj{"space_id": space, "name": "A"}).str("bot_id")
	const org, company = "/v1/organizations/" + cozetest.DefaultOrganizationID, "/v1/enterprises/" + cozetest.DefaultEnterpriseID
	users := obj{"users": []obj{user("77", "member")}}
	mode := obj{"collaboration_mode": "single"}
	one := obj{"collaborators": []obj{{"user_id": "77"}}}
	receiver := obj{"receiver_user_id": "77"}
	role := obj{"organization_role_type": "organization_member"}
	for _, tc := range []struct {
		method, path string
		body         any
		want         int
	}{
		{"POST", "/v1/bot/create", obj{"space_id": "99", "name": "A"}, 4101},
		{"POST", "/v1/bot/create", obj{"space_id": theirs, "name": "A"}, 4101},
		{"POST", "/v1/bot/create", obj{"space_id": space, "name": "A", "icon_file_id": "99"}, 4200},
		{"POST", "/v1/bot/update", obj{"bot_id": "99"}, 4006},
		{"POST", "/v1/bot/publish", obj{"bot_id": "99", "connector_ids": []string{"1024"}}, 4006},
		{"POST", "/v1/bot/publish", obj{"bot_id": draft, "connector_ids": []string{}}, 4000},
		{"POST", "/v1/bot/publish", obj{"bot_id": draft, "connector_ids": []string{"77", "999"}}, 4000},
		{"GET", "/v1/bots/99/versions", nil, 4006},
		{"POST", "/v1/bots/99/unpublish", obj{"connector_id": "1024"}, 4006},
		{"POST", "/v1/bots/" + draft + "/unpublish", obj{"connector_id": "1024"}, 4015},
		{"GET", "/v1/space/published_bots_list?space_id=99", nil, 4101},
		{"GET", "/v1/bot/get_online_info?bot_id=99", nil, 4006},
		{"GET", "/v1/bot/get_online_info?version=1&bot_id=" + bot, nil, 4200},
		{"POST", "/v1/bots/99/collaboration_mode", mode, 4006},
		{"POST", "/v1/bots/99/collaborators", one, 4006},
		{"DELETE", "/v1/bots/99/collaborators/77", nil, 4006},
		{"POST", "/v1/apps/99/collaborators", one, 4200},
		{"DELETE", "/v1/apps/99/collaborators/77", nil, 4200},
		{"POST", "/v1/workflows/x/collaborators", one, 4200},
		{"POST", "/v1/workflows/1/collaborators", obj{"collaborators": []obj{}}, 4000},
		{"GET", "/v1/apps?workspace_id=99", nil, 4101},
		{"POST", "/v1/entities/copy_tasks", obj{"entity_type": "bot", "entity_id": "99"}, 4200},
		{"POST", "/v1/entities/copy_tasks", obj{"entity_type": "app", "entity_id": "99"}, 4200},
		{"POST", "/v1/entities/copy_tasks", obj{"entity_type": "workflow", "entity_id": "x"}, 4200},
		{"POST", "/v1/entities/copy_tasks", obj{"entity_type": "bot", "entity_id": bot, "to_workspace_id": theirs}, 4101},
		{"GET", "/v1/entities/copy_tasks/99", nil, 4200},
		{"POST", "/v1/workspaces", obj{"name": "A", "description": "", "owner_uid": "x"}, 4200},
		{"POST", "/v1/workspaces", obj{"name": "", "description": ""}, 4000},
		{"POST", "/v1/workspaces", obj{"name": "A", "description": "", "coze_account_id": "99"}, 4200},
		{"POST", "/v1/workspaces", obj{"name": "A", "description": "", "icon_file_id": "99"}, 4200},
		{"POST", "/v1/workspaces",
			obj{"name": "A", "description": "", "owner_uid": "77", "coze_account_id": cozetest.DefaultOrganizationID}, 702042162},
		{"PUT", "/v1/workspaces/99", obj{"name": "A"}, 4101},
		{"PUT", "/v1/workspaces/" + space, obj{"name": "A"}, 4000},
		{"GET", "/v1/workspaces?user_id=1&coze_account_id=99", nil, 4200},
		{"GET", "/v1/workspaces/" + theirs + "/members", nil, 4101},
		{"POST", "/v1/workspaces/99/members", users, 4101},
		{"DELETE", "/v1/workspaces/99/members", obj{"user_ids": []string{"77"}}, 4101},
		{"GET", "/v1/folders?folder_type=development&workspace_id=99", nil, 4101},
		{"GET", "/v1/folders?folder_type=development&parent_folder_id=99&workspace_id=" + space, nil, 4200},
		{"GET", "/v1/folders/99", nil, 4200},
		{"POST", "/v1/templates/99/duplicate", obj{"workspace_id": space}, 4200},
		{"POST", "/v1/templates/" + cozetest.DefaultTemplateID + "/duplicate", obj{"workspace_id": "99"}, 4101},
		{"GET", "/v1/enterprises/99/organizations", nil, 4200},
		{"POST", "/v1/enterprises/99/organizations", obj{"name": "A", "super_admin_user_id": "77"}, 4200},
		{"POST", company + "/organizations", obj{"name": "", "super_admin_user_id": cozetest.DefaultUserID}, 4000},
		{"POST", "/v1/enterprises/99/members", obj{"users": []obj{{"user_id": "77", "role": "enterprise_member"}}}, 4200},
		{"PUT", "/v1/enterprises/99/members/77", obj{"role": "enterprise_member"}, 4200},
		{"DELETE", company + "/members/77", receiver, 702042162},
		{"PUT", "/v1/organizations/99", obj{"name": "A"}, 4200},
		{"GET", "/v1/organizations/99/members", nil, 4200},
		{"POST", "/v1/organizations/99/members",
			obj{"organization_people": []obj{{"user_id": "77", "organization_role_type": "organization_member"}}}, 4200},
		{"PUT", "/v1/organizations/99/members/77", role, 4200},
		{"PUT", org + "/members/77", role, 4200},
		{"DELETE", org + "/members/77", receiver, 4200},
		{"GET", "/v1/variables?connector_uid=a&bot_id=99", nil, 4200},
		{"GET", "/v1/variables?connector_uid=a", nil, 4000},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want || r.status != http.StatusOK {
				t.Errorf("got status %d: %s, want code %d", r.status, r.text, tc.want)
			}
		})
	}
	c.ok(http.MethodGet, "/v1/workspaces", nil).want(t, "workspaces", "id", space)
	srv.AssertNoViolations(t)
}

// TestPlatformLimits shows limits of the document, which are violations to exceed.
func TestPlatformLimits(t *testing.T) {
	t.Parallel()
	var many []obj
	var ids []string
	for range 21 {
		many, ids = append(many, user("77", "member")), append(ids, "77")
	}
	const members = "/v1/workspaces/" + space + "/members"
	for _, tc := range []struct {
		method, path string
		body         any
		pointer      string
	}{
		{"POST", members, obj{"users": many}, "/body/users"},
		{"DELETE", members, obj{"user_ids": ids[:6]}, "/body/user_ids"},
		{"GET", members + "?page_size=51", nil, "/query/page_size"},
		{"GET", "/v1/bots/" + bot + "/versions?page_size=31", nil, "/query/page_size"},
		{"GET", "/v1/enterprises/1/organizations?page_size=21", nil, "/query/page_size"},
		{"POST", "/v1/bot/create", obj{"space_id": space, "name": "123456789012345678901"}, "/body/name"},
		{"POST", "/v1/bots/" + bot + "/collaborators", obj{"collaborators": []obj{}}, "/body/collaborators"},
		{"PUT", "/v1/variables", obj{"bot_id": bot, "connector_uid": "a", "data": []obj{}}, "/body/data"},
	} {
		srv := cozetest.NewServer(t, cozetest.ExpectViolations())
		r := newClient(t, srv).do(tc.method, tc.path, tc.body)
		if v := srv.Violations(); r.Code != 4000 || len(v) != 1 || v[0].Pointer != tc.pointer {
			t.Errorf("%s %s: got %s and %v, want %s", tc.method, tc.path, r.text, v, tc.pointer)
		}
	}
}
