package cozetest

import (
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var enterpriseHandlers = map[string]handler{
	"AddEnterpriseMembers":   lockedBody((*exchange).addEnterpriseMembers),
	"CreateOrganization":     lockedBody((*exchange).createOrganization),
	"ListOrganizations":      locked((*exchange).listOrganizations),
	"RemoveEnterpriseMember": lockedBody((*exchange).removeEnterpriseMember),
	"UpdateEnterpriseMember": lockedBody((*exchange).updateEnterpriseMember),
	"UpdateOrganization":     lockedBody((*exchange).updateOrganization),
}

const (
	roleEnterpriseAdmin = "enterprise_admin"
	maxEnterprise       = 100 // members
	maxOrganizations    = 20  // of an enterprise
)

// enterprise is an enterprise with its organizations. Whoever has a token may change it: the fake does not ask for that of an
// enterprise privileged app.
type enterprise struct {
	id            string
	members       members
	organizations []*organization
}

type organization struct {
	id      string
	name    string
	first   bool // the default organization
	members members
}

func newDefaultEnterprise(now int64) *enterprise {
	return &enterprise{DefaultEnterpriseID, members{{DefaultUserID, roleEnterpriseAdmin, now}}, []*organization{{
		id: DefaultOrganizationID, name: "Default organization", first: true, members: members{{DefaultUserID, roleSuperAdmin, now}},
	}}}
}

// enterprise finds an enterprise. The caller holds mu.
func (st *state) enterprise(id string) *enterprise {
	if i := slices.IndexFunc(st.enterprises, func(e *enterprise) bool { return e.id == id }); i >= 0 {
		return st.enterprises[i]
	}
	return nil
}

// enterprise finds that of the path. The caller holds mu.
func (x *exchange) enterprise() (*enterprise, error) {
	e := x.srv.state.enterprise(x.path["enterprise_id"])
	if e == nil {
		return nil, notFound("enterprise", x.path["enterprise_id"])
	}
	return e, nil
}

// employee finds the member of an enterprise that the path names. The caller holds mu.
func (x *exchange) employee() (*enterprise, *member, error) {
	e, err := x.enterprise()
	if err != nil {
		return nil, nil, err
	}
	m := e.members.find(x.path["user_id"])
	if m == nil {
		return nil, nil, refuse(codeNotInEnterprise, "user %s does not belong to enterprise %s", x.path["user_id"], e.id)
	}
	return e, m, nil
}

func (x *exchange) addEnterpriseMembers(req *cozeapi.AddEnterpriseMembersRequest) (any, error) {
	e, err := x.enterprise()
	if err != nil {
		return nil, err
	}
	for _, u := range req.Users {
		switch {
		case !isNumber(u.UserID):
			return nil, notFound("user", u.UserID)
		case e.members.find(u.UserID) != nil:
			return nil, refuse(codeMemberExists, "user %s is a member already", u.UserID)
		case len(e.members) >= maxEnterprise:
			return nil, refuse(codeEnterpriseFull, "the enterprise has %d members, which is the limit", maxEnterprise)
		}
		e.members = append(e.members, &member{u.UserID, string(u.Role), x.srv.now()})
	}
	return nil, nil
}

func (x *exchange) updateEnterpriseMember(req *cozeapi.UpdateEnterpriseMemberRequest) (any, error) {
	_, m, err := x.employee()
	if err != nil {
		return nil, err
	}
	m.role = string(req.Role)
	return nil, nil
}

func (x *exchange) removeEnterpriseMember(req *cozeapi.RemoveEnterpriseMemberRequest) (any, error) {
	e, m, err := x.employee()
	if err != nil {
		return nil, err
	}
	for _, o := range e.organizations {
		if o.members.find(m.userID) != nil {
			return nil, refuse(codeInvalidParameter, "user %s must leave organization %s first", m.userID, o.id)
		}
	}
	if err := checkReceiver(e.members, m, req.ReceiverUserID, roleEnterpriseAdmin); err != nil {
		return nil, err
	}
	e.members.remove(m.userID)
	return nil, nil
}

// checkReceiver refuses a user who cannot inherit what another one leaves behind.
func checkReceiver(list members, leaving *member, receiverID, role string) error {
	if r := list.find(receiverID); r == nil || r == leaving || r.role != role {
		return refuse(codeInvalidParameter, "receiver_user_id %s is not another member with the role %s", receiverID, role)
	}
	return nil
}

func (x *exchange) createOrganization(req *cozeapi.CreateOrganizationRequest) (any, error) {
	e, err := x.enterprise()
	if err != nil {
		return nil, err
	}
	switch {
	case req.Name == "":
		return nil, refuse(codeInvalidParameter, "name is empty")
	case e.members.find(req.SuperAdminUserID) == nil:
		return nil, refuse(codeNotInEnterprise, "user %s does not belong to enterprise %s", req.SuperAdminUserID, e.id)
	case len(e.organizations) >= maxOrganizations:
		return nil, refuse(codeInvalidParameter, "the enterprise has %d organizations, which is the limit", maxOrganizations)
	}
	o := &organization{id: x.srv.ids.next(), name: req.Name}
	o.members = members{{req.SuperAdminUserID, roleSuperAdmin, x.srv.now()}}
	e.organizations = append(e.organizations, o)
	return map[string]any{"organization_id": o.id}, nil
}

type wireOrganization struct {
	ID        string `json:"organization_id"`
	Name      string `json:"organization_name"`
	IconURL   string `json:"organization_icon_url"`
	IsDefault bool   `json:"is_default_organization"`
}

func (x *exchange) listOrganizations() (any, error) {
	e, err := x.enterprise()
	if err != nil {
		return nil, err
	}
	found := []wireOrganization{}
	for _, o := range e.organizations {
		found = append(found, wireOrganization{o.id, o.name, "https://example.com/organization.png", o.first})
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "total_count": len(found)}, nil
}

func (x *exchange) updateOrganization(req *cozeapi.UpdateOrganizationRequest) (any, error) {
	_, o, err := x.organization(x.path["organization_id"])
	if err != nil {
		return nil, err
	}
	if req.Name != "" {
		o.name = req.Name
	}
	return nil, nil // no operation tells the description
}
