package cozetest

import "github.com/cozekit/cozekit/gen/cozeapi"

var organizationMemberHandlers = map[string]handler{
	"AddOrganizationMembers":   lockedBody((*exchange).addOrganizationMembers),
	"ListOrganizationMembers":  locked((*exchange).listOrganizationMembers),
	"RemoveOrganizationMember": lockedBody((*exchange).removeOrganizationMember),
	"UpdateOrganizationMember": lockedBody((*exchange).updateOrganizationMember),
}

const (
	roleSuperAdmin        = "organization_super_admin"
	roleOrganizationGuest = "organization_guest"
)

// organization finds an organization and its enterprise. The caller holds mu.
func (x *exchange) organization(id string) (*enterprise, *organization, error) {
	for _, e := range x.srv.state.enterprises {
		for _, o := range e.organizations {
			if o.id == id {
				return e, o, nil
			}
		}
	}
	return nil, nil, notFound("organization", id)
}

// organizationMember finds the member that the path names. The caller holds mu.
func (x *exchange) organizationMember() (*organization, *member, error) {
	_, o, err := x.organization(x.path["organization_id"])
	if err != nil {
		return nil, nil, err
	}
	m := o.members.find(x.path["user_id"])
	if m == nil {
		return nil, nil, notFound("member", x.path["user_id"])
	}
	return o, m, nil
}

func (x *exchange) addOrganizationMembers(req *cozeapi.AddOrganizationMembersRequest) (any, error) {
	e, o, err := x.organization(x.path["organization_id"])
	if err != nil {
		return nil, err
	}
	for _, p := range req.OrganizationPeople {
		switch {
		case e.members.find(p.UserID) == nil:
			return nil, refuse(codeNotInEnterprise, "user %s does not belong to enterprise %s", p.UserID, e.id)
		case o.members.find(p.UserID) != nil:
			return nil, refuse(codeMemberExists, "user %s is a member already", p.UserID)
		}
		o.members = append(o.members, &member{p.UserID, string(p.OrganizationRoleType), x.srv.now()})
	}
	return nil, nil
}

type wireOrganizationMember struct {
	UserID     string `json:"user_id"`
	IsValid    bool   `json:"is_valid"`
	AvatarURL  string `json:"avatar_url"`
	CreatedAt  int64  `json:"created_at"`
	PeopleType string `json:"people_type"`
	Nickname   string `json:"user_nickname"`
	UniqueName string `json:"user_unique_name"`
	Role       string `json:"organization_role_type"`
}

func (x *exchange) listOrganizationMembers() (any, error) {
	_, o, err := x.organization(x.path["organization_id"])
	if err != nil {
		return nil, err
	}
	found := []wireOrganizationMember{}
	for _, m := range o.members {
		kind, p := "employee", profileOf(m.userID)
		if m.role == roleOrganizationGuest {
			kind = "guest"
		}
		found = append(found, wireOrganizationMember{m.userID, true, p.AvatarURL, m.joined, kind, p.NickName, p.UserName, m.role})
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "total_count": len(found)}, nil
}

func (x *exchange) updateOrganizationMember(req *cozeapi.UpdateOrganizationMemberRequest) (any, error) {
	o, m, err := x.organizationMember()
	if err != nil {
		return nil, err
	}
	role := string(req.OrganizationRoleType)
	if role != roleSuperAdmin && o.isLastSuperAdmin(m) {
		return nil, refuse(codeLastSuperAdmin, "user %s is the last super admin", m.userID)
	}
	m.role = role
	return nil, nil
}

func (o *organization) isLastSuperAdmin(m *member) bool {
	return m.role == roleSuperAdmin && o.members.count(roleSuperAdmin) == 1
}

func (x *exchange) removeOrganizationMember(req *cozeapi.RemoveOrganizationMemberRequest) (any, error) {
	o, m, err := x.organizationMember()
	if err != nil {
		return nil, err
	}
	if o.isLastSuperAdmin(m) {
		return nil, refuse(codeLastSuperAdmin, "user %s is the last super admin", m.userID)
	}
	if err := checkReceiver(o.members, m, req.ReceiverUserID, roleSuperAdmin); err != nil {
		return nil, err
	}
	o.members.remove(m.userID)
	return nil, nil
}
