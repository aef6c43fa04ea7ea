// Command workspace creates a workspace, finds it in the list, and adds, lists and removes a member.
//
//	go run ./examples/workspace
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn): COZE_MEMBER_ID is the Coze user who is added and removed. On enterprise plans
// COZE_ORGANIZATION_ID is the organization that gets the workspace; on personal plans the user only gets an invitation. The API
// cannot delete workspaces: set COZE_WORKSPACE_ID to use one that you have in place of a new one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	member, err := connect.ID("COZE_MEMBER_ID", "the id of a Coze user who may become a member", "7400000000000000077")
	if err != nil {
		return err
	}
	client, fake, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if fake != nil {
		defer fake.Close()
	}

	workspace := os.Getenv("COZE_WORKSPACE_ID")
	if workspace == "" {
		created, err := client.Workspaces.Create(ctx, coze.CreateWorkspaceRequest{
			Name:          "Poetry",
			Description:   "Made by examples/workspace.",
			CozeAccountID: os.Getenv("COZE_ORGANIZATION_ID"),
		})
		if err != nil {
			return err
		}
		workspace = created.ID
		fmt.Println("created:  ", workspace)
	}

	listed := false
	for w, err := range client.Workspaces.All(ctx, coze.ListWorkspacesRequest{PageSize: coze.Ptr[int32](50)}) {
		if err != nil {
			return err
		}
		fmt.Printf("workspace: %s %s (%s, you are %s)\n", w.ID, w.Name, w.WorkspaceType, w.RoleType)
		listed = listed || w.ID == workspace
	}
	if !listed {
		return fmt.Errorf("the list has no workspace %s", workspace)
	}

	isMember, err := add(ctx, client, workspace, member)
	if err != nil {
		return err
	}
	if fake != nil {
		fake.Member(workspace, member) // accepts the invitation
		isMember = true
	}
	if !isMember {
		return nil // neither listed nor to be removed
	}
	return remove(ctx, client, workspace, member)
}

// add adds a user to a workspace, and tells whether the user is a member now.
func add(ctx context.Context, client *coze.Client, workspace, user string) (bool, error) {
	added, err := client.Workspaces.Members.Add(ctx, workspace, coze.AddWorkspaceMembersRequest{
		Users: []coze.WorkspaceMemberInput{{UserID: user, RoleType: coze.AssignableWorkspaceRoleMember}},
	})
	if err != nil {
		return false, err
	}
	// The lists of the answer say how it went for each user.
	switch {
	case slices.Contains(added.AddedSuccessUserIDs, user):
		fmt.Println("added:    ", user)
		return true, nil
	case slices.Contains(added.InvitedSuccessUserIDs, user), slices.Contains(added.AlreadyInvitedUserIDs, user):
		fmt.Println("invited:  ", user)
		return false, nil
	case slices.Contains(added.AlreadyJoinedUserIDs, user):
		return false, fmt.Errorf("user %s was a member before: name another one", user) // whom this example would remove
	case slices.Contains(added.NotExistUserIDs, user):
		return false, fmt.Errorf("there is no user %s", user)
	}
	return false, fmt.Errorf("the answer does not tell what became of user %s", user)
}

// remove lists the members of a workspace and removes one.
func remove(ctx context.Context, client *coze.Client, workspace, user string) error {
	listed := false
	for m, err := range client.Workspaces.Members.All(ctx, workspace, coze.ListWorkspaceMembersRequest{}) {
		if err != nil {
			return err
		}
		fmt.Printf("member:    %s %s (%s)\n", m.UserID, m.UserNickname, m.RoleType)
		listed = listed || m.UserID == user
	}
	if !listed {
		return errors.New("the new member is not in the list of members")
	}

	removed, err := client.Workspaces.Members.Remove(ctx, workspace, coze.RemoveWorkspaceMembersRequest{UserIDs: []string{user}})
	if err != nil {
		return err
	}
	if !slices.Contains(removed.RemovedSuccessUserIDs, user) {
		return fmt.Errorf("user %s was not removed", user)
	}
	fmt.Println("removed:  ", user)
	return nil
}
