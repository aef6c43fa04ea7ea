// Command plugins lists plugins of the store, reads the tools of one, and calls a tool.
//
//	go run ./examples/plugins
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn): COZE_PLUGIN_ID is the plugin to read, COZE_PLUGIN_TOOL the name of its tool, by
// default the first. Calling a tool costs money there and needs a paid plan: it is done only if COZE_PLUGIN_ARGUMENTS has the
// arguments, a JSON object.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const shown = 5 // plugins of the store

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	if err := browse(ctx, client); err != nil {
		return err
	}
	id, err := connect.ID("COZE_PLUGIN_ID", "the id of a plugin, one of those above, say", cozetest.DefaultPluginID)
	if err != nil {
		return err
	}
	plugin, err := client.Plugins.Get(ctx, id)
	if err != nil {
		return err
	}
	if plugin.PluginID != id {
		return fmt.Errorf("asked for plugin %s, got %s", id, plugin.PluginID)
	}
	fmt.Println("plugin:", plugin.PluginID, plugin.Name)
	for _, tool := range plugin.Tools {
		fmt.Printf("tool:   %s: %s\n", tool.Name, tool.Description)
		if tool.InputSchema != nil {
			fmt.Printf("takes:  %s\n", tool.InputSchema)
		}
	}
	if len(plugin.Tools) == 0 {
		return errors.New("the plugin has no tools")
	}
	return callTool(ctx, client, plugin.PluginID, cmp.Or(os.Getenv("COZE_PLUGIN_TOOL"), plugin.Tools[0].Name))
}

// browse prints the most used plugins of the store.
func browse(ctx context.Context, client *coze.Client) error {
	// One page is enough here, so List and not All.
	page, err := client.Plugins.Store.List(ctx, coze.ListStorePluginsRequest{
		SortType: coze.PluginSortTypeHeat,
		PageSize: coze.Ptr[int32](shown),
	})
	if err != nil {
		return err
	}
	if len(page.Items) == 0 {
		return errors.New("the store has no plugins")
	}
	for _, item := range page.Items {
		if m := item.Metainfo; m != nil { // EntityID is the id of the plugin, ProductID that of its entry in the store
			fmt.Printf("store:  %s %s\n", m.EntityID, m.Name)
		}
	}
	return nil
}

func callTool(ctx context.Context, client *coze.Client, plugin, tool string) error {
	text, err := connect.ID("COZE_PLUGIN_ARGUMENTS", "the arguments of the tool, a JSON object", `{"city":"London"}`)
	if err != nil {
		fmt.Println("called: nothing;", err)
		return nil
	}
	var arguments map[string]any
	if err := json.Unmarshal([]byte(text), &arguments); err != nil {
		return fmt.Errorf("COZE_PLUGIN_ARGUMENTS: %w", err)
	}
	out, err := client.Plugins.CallTool(ctx, plugin, coze.CallPluginToolRequest{ToolName: tool, Arguments: arguments})
	if err != nil {
		return err
	}
	// The result is what the tool returned, raw: json.Unmarshal it into a type that fits the tool.
	if len(out.Result) == 0 {
		return fmt.Errorf("tool %s returned nothing", tool)
	}
	fmt.Printf("called: %s: %s\n", tool, out.Result)
	return nil
}
