package cozetest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestEnterprises(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	const path = "/v1/enterprises/" + cozetest.DefaultEnterpriseID
	add := func(id, role string) obj { return obj{"users": []obj{{"user_id": id, "role": role}}} }
	join := func(id, role string) obj {
		return obj{"organization_people": []obj{{"user_id": id, "organization_role_type": role}}}
	}
	c.ok(http.MethodPost, path+"/members", add("77", "enterprise_member"))
	c.refused(http.MethodPost, path+"/members", add("77", "enterprise_member"), 4201)
	c.refused(http.MethodPost, path+"/members", add("nobody", "enterprise_member"), 4200)

	c.refused(http.MethodPost, path+"/organizations", obj{"name": "Sales", "super_admin_user_id": "78"}, 702042162)
	id := c.ok(http.MethodPost, path+"/organizations", obj{"name": "Sales", "super_admin_user_id": "77"}).str("organization_id")
	org := "/v1/organizations/" + id
	c.ok(http.MethodPut, org, obj{"name": "Selling", "description": "All of it"})
	r := c.ok(http.MethodGet, path+"/organizations?page_size=1&page_num=2", nil)
	r.want(t, "items", "organization_name", "Selling")
	r.want(t, "items", "is_default_organization", "false")
	if r.Data["total_count"] != 2.0 {
		t.Errorf("got %s", r.text)
	}

	c.refused(http.MethodPost, org+"/members", join("78", "organization_member"), 702042162)
	c.ok(http.MethodPost, path+"/members", add("78", "enterprise_member"))
	c.ok(http.MethodPost, org+"/members", join("78", "organization_guest"))
	c.refused(http.MethodPost, org+"/members", join("78", "organization_member"), 4201)
	r = c.ok(http.MethodGet, org+"/members", nil)
	r.want(t, "items", "user_id", "77 78")
	r.want(t, "items", "people_type", "employee guest")
	c.refused(http.MethodDelete, org+"/members/77", obj{"receiver_user_id": "78"}, 777074044)
	c.refused(http.MethodPut, org+"/members/77", obj{"organization_role_type": "organization_member"}, 777074044)
	c.ok(http.MethodPut, org+"/members/78", obj{"organization_role_type": "organization_super_admin"})
	c.refused(http.MethodDelete, org+"/members/77", obj{"receiver_user_id": "77"}, 4000)
	c.refused(http.MethodDelete, path+"/members/77", obj{"receiver_user_id": cozetest.DefaultUserID}, 4000)
	c.ok(http.MethodDelete, org+"/members/77", obj{"receiver_user_id": "78"})
	c.ok(http.MethodGet, org+"/members?page_size=1", nil).want(t, "items", "organization_role_type", "organization_super_admin")

	c.refused(http.MethodDelete, path+"/members/77", obj{"receiver_user_id": "78"}, 4000)
	c.ok(http.MethodPut, path+"/members/78", obj{"role": "enterprise_admin"})
	c.ok(http.MethodDelete, path+"/members/77", obj{"receiver_user_id": "78"})
	c.refused(http.MethodPut, path+"/members/77", obj{"role": "enterprise_admin"}, 702042162)
}

func TestLimitsOfEnterprises(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	const path = "/v1/enterprises/" + cozetest.DefaultEnterpriseID
	for i := range 100 {
		want := 0
		if i == 99 {
			want = 777074011
		}
		c.refused(http.MethodPost, path+"/members", obj{"users": []obj{{"user_id": fmt.Sprint(i), "role": "enterprise_member"}}}, want)
	}
	for i := range 20 {
		want := 0
		if i == 19 {
			want = 4000
		}
		c.refused(http.MethodPost, path+"/organizations", obj{"name": "x", "super_admin_user_id": cozetest.DefaultUserID}, want)
	}
}
