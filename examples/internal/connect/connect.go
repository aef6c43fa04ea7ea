// Package connect gives the examples a client: of the platform when there is a token in the environment, else of a fake Coze
// server inside the program, so that every example runs without an account. A program of your own needs only
//
//	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.FromEnv())
package connect

import (
	"cmp"
	"fmt"
	"os"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// Open returns a client of the platform (COZE_API_BASE, https://api.coze.cn by default), or of a fake server when
// COZE_API_TOKEN is not set. The caller calls closeServer at the end. opts are those that the example is about.
func Open(opts ...coze.ClientOption) (client *coze.Client, closeServer func(), err error) {
	client, srv, err := OpenWithServer(opts...)
	return client, func() {
		if srv != nil {
			_ = srv.Close()
		}
	}, err
}

// OpenWithServer is [Open] for examples in which the fake server plays a part. srv is nil with a token; else the caller closes
// it.
func OpenWithServer(opts ...coze.ClientOption) (client *coze.Client, srv *cozetest.Server, err error) {
	if hasToken() {
		client, err = coze.NewClient(append(opts, coze.WithBaseURL(coze.BaseURLCN), coze.FromEnv())...)
		return client, nil, err
	}
	srv, err = cozetest.Start("127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(os.Stderr, "%s is not set: a fake Coze server answers\n", coze.EnvToken)
	client, err = coze.NewClient(append(opts, coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))...)
	return client, srv, err
}

// ID returns the environment variable name. If it is empty, the id is fake without a token; with one it is an error that
// says what to set the variable to.
func ID(name, what, fake string) (string, error) {
	return Given(os.Getenv(name), name, what, fake)
}

// Given is [ID] for an id that the caller has looked for, in a flag, say.
func Given(id, name, what, fake string) (string, error) {
	if id == "" && hasToken() {
		return "", fmt.Errorf("set %s to %s", name, what)
	}
	return cmp.Or(id, fake), nil
}

// Bot is the [ID] COZE_BOT_ID.
func Bot() (string, error) { return GivenBot(os.Getenv("COZE_BOT_ID")) }

// GivenBot is [Given] for COZE_BOT_ID.
func GivenBot(id string) (string, error) {
	return Given(id, "COZE_BOT_ID", "the id of a bot that is published to the API channel", cozetest.DefaultBotID)
}

// Workspace is the [ID] COZE_WORKSPACE_ID.
func Workspace() (string, error) {
	return ID("COZE_WORKSPACE_ID", "the id of a workspace, as in the address of its page on the website", cozetest.DefaultWorkspaceID)
}

func hasToken() bool { return os.Getenv(coze.EnvToken) != "" }
