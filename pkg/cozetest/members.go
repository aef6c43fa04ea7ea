package cozetest

import "slices"

// member is a user with a role in a workspace, an enterprise or an organization.
type member struct {
	userID string
	role   string
	joined int64 // Unix seconds
}

type members []*member

// find returns nil for a user who is not there.
func (list members) find(userID string) *member {
	if i := slices.IndexFunc(list, func(m *member) bool { return m.userID == userID }); i >= 0 {
		return list[i]
	}
	return nil
}

// remove takes a user out, if it is there.
func (list *members) remove(userID string) {
	*list = slices.DeleteFunc(*list, func(m *member) bool { return m.userID == userID })
}

// count is how many have a role.
func (list members) count(role string) int {
	n := 0
	for _, m := range list {
		if m.role == role {
			n++
		}
	}
	return n
}
