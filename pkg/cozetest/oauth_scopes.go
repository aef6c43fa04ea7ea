package cozetest

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// identity is whom a token stands for and what it may do. It never changes once its token is issued.
type identity struct {
	userID       string
	session      string   // session_name of the JWT: users of one app who do not see each other
	scopes       []string // permissions; nil for all
	workspaces   []string // that it may use; nil for all
	oneWorkspace bool     // by consent for one, which leaves out permissions on the level of the account
	bots         []string // that it may chat with; nil for all
	workflows    []string // that it may run; nil for all
	expires      int64    // Unix seconds; 0 for never
}

// visitor tells users apart who do not see each other's conversations, chats and runs.
func (i *identity) visitor() string {
	if i.session == "" {
		return i.userID
	}
	return i.userID + "/" + i.session
}

func (i *identity) mayUseWorkspace(id string) bool {
	return i.workspaces == nil || slices.Contains(i.workspaces, id)
}

func (i *identity) mayChat(b *bot) bool {
	return i.mayUseWorkspace(b.workspaceID) && (i.bots == nil || slices.Contains(i.bots, b.id))
}

func (i *identity) mayRun(workflowID string) bool {
	return i.workflows == nil || slices.Contains(i.workflows, workflowID)
}

// missing is the first of some permissions that the token lacks; empty if it has all.
func (i *identity) missing(permissions []string) string {
	for _, p := range permissions {
		if i.oneWorkspace && onAccount(p) || i.scopes != nil && !slices.ContainsFunc(i.scopes, covers(p)) {
			return p
		}
	}
	return ""
}

// onAccount tells whether a permission is on the level of the account: those for conversations and messages.
func onAccount(permission string) bool {
	return strings.HasSuffix(permission, "Conversation") || strings.HasSuffix(permission, "Message")
}

// botChat is the permission of channel apps that covers all that a chat with a bot takes.
const botChat = "Connector.botChat"

var botChatCovers = []string{
	"chat", "getChat", "cancelChat", "submitToolChat", "createConversation", "retrieveConversation", "listMessage", "retrieveMessage",
}

// covers makes a function that tells whether a scope covers a permission. The document has short names where the console has long
// ones: Workflow.run covers run.
func covers(permission string) func(string) bool {
	return func(scope string) bool {
		_, short, _ := strings.Cut(scope, ".")
		return scope == permission || short == permission || scope == botChat && slices.Contains(botChatCovers, permission)
	}
}

// narrow limits an identity to the scope that its app asked for.
func (i *identity) narrow(s *cozeapi.OAuthScope) error {
	if s == nil {
		return nil
	}
	var asked []string
	if p := s.AccountPermission; p != nil {
		asked = append(asked, p.PermissionList...)
	}
	if p := s.WorkspacePermission; p != nil {
		asked = append(asked, p.PermissionList...)
		i.workspaces = p.WorkspaceIDList
	}
	if p := s.WorkflowPermission; p != nil {
		asked = append(asked, p.PermissionList...)
		i.workflows = p.WorkflowIDList
	}
	if c := s.AttributeConstraint; c != nil && c.ConnectorBotChatAttribute != nil {
		i.bots = c.ConnectorBotChatAttribute.BotIDList
	}
	if p := i.missing(asked); p != "" {
		return refuseOAuth(wordInvalidRequest, "the app does not have the permission %s of the scope", p)
	}
	if s.AccountPermission != nil || s.WorkspacePermission != nil || s.WorkflowPermission != nil {
		i.scopes = append([]string{}, asked...) // an empty list allows nothing
	}
	return nil
}

// authorize refuses a call that the scope of the token does not allow.
func (x *exchange) authorize() bool {
	p := x.caller.missing(x.op.permissions)
	if p == "" {
		return true
	}
	x.refuse(refuse(codePermissionDenied, "the token does not have the permission %s", p))
	return false
}

// permissionsOf reads x-coze-permission, which can be several with plus signs between them.
func permissionsOf(op *openapi3.Operation) []string {
	text, _ := op.Extensions["x-coze-permission"].(string)
	if text == "" {
		return nil
	}
	return strings.Split(text, " + ")
}
