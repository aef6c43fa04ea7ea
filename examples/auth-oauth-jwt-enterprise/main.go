// Command auth-oauth-jwt-enterprise acts for an enterprise, by an enterprise privileged app: it lists the organizations.
//
//	go run ./examples/auth-oauth-jwt-enterprise
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, with a key that it makes. With it, the
// coze_oauth_config.json of an enterprise privileged app, it talks to the platform, where it may list the organizations of
// the enterprise COZE_ENTERPRISE_ID. It changes nothing there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	o, err := connect.OpenOAuth[coze.OAuthJWTApp](cozetest.OAuthApp{
		Kind: cozetest.OAuthEnterprise, Scopes: []string{"Enterprise.listOrganization"},
	})
	if err != nil {
		return err
	}
	defer o.Close()
	enterprise, err := o.EnvOr("COZE_ENTERPRISE_ID", "the id of the enterprise, such as volcano_2100000000", cozetest.DefaultEnterpriseID)
	if err != nil {
		return err
	}
	o.App.EnterpriseID = enterprise
	o.App.TTL = 10 * time.Minute
	flow, err := coze.NewOAuthJWT(o.Client, o.App)
	if err != nil {
		return err
	}
	client, err := o.Client.As(flow.TokenSource(nil))
	if err != nil {
		return err
	}
	if err := list(ctx, client, enterprise); err != nil || o.Server == nil {
		return err
	}

	// The app may do what the console says, and no more.
	_, err = client.Enterprises.Organizations.Create(ctx, enterprise, coze.CreateOrganizationRequest{
		Name: "Sales", SuperAdminUserID: cozetest.DefaultUserID,
	})
	if err := connect.Refused("an organization without the permission", err, coze.ErrForbidden); err != nil {
		return err
	}

	// An app that is not of the enterprise gets no token.
	o.App.EnterpriseID = "volcano_2199999999"
	flow, err = coze.NewOAuthJWT(o.Client, o.App)
	if err != nil {
		return err
	}
	_, err = flow.Exchange(ctx)
	if err := connect.Refused("a token for another enterprise", err, coze.ErrAccessDenied); err != nil {
		return err
	}

	o.Server.Advance(12 * time.Minute) // the token expires; the next call is refused, gets a new one, and is sent again
	return list(ctx, client, enterprise)
}

func list(ctx context.Context, client *coze.Client, enterprise string) error {
	n := 0
	for org, err := range client.Enterprises.Organizations.All(ctx, enterprise, coze.ListOrganizationsRequest{}) {
		if err != nil {
			return err
		}
		n++
		fmt.Println("organization", org.OrganizationID, org.OrganizationName)
	}
	if n == 0 {
		return errors.New("the enterprise has no organization")
	}
	return nil
}
