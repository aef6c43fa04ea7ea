package cozetest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

var pluginHandlers = map[string]handler{
	"BatchGetPlugins":     (*exchange).batchGetPlugins,
	"CallPluginTool":      (*exchange).callPluginTool,
	"GetPlugin":           (*exchange).getPlugin,
	"ListStoreCategories": (*exchange).listStoreCategories,
	"ListStorePlugins":    (*exchange).listStorePlugins,
}

// DefaultPluginID is the id of a plugin of the store. Its tool get_weather takes a city and answers with its arguments, as the
// tools of all plugins of the fake do.
const DefaultPluginID = "7400000000000000101"

// plugin is a plugin of the store. The set of them never changes.
type plugin struct {
	id, name, description string
	category              storeCategory
	official              bool
	heat                  int
	age                   int64 // days since it came to the store
	tool                  string
	parameter             string // the one that the tool must get, a text
}

type storeCategory struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var storeCategories = []storeCategory{
	{"7400000000000000111", "Everyday life"}, {"7400000000000000112", "Language"}, {"7400000000000000113", "Pictures"},
}

var storePlugins = []plugin{
	{DefaultPluginID, "Weather", "Tells the weather of a city.", storeCategories[0], true, 300, 90, "get_weather", "city"},
	{"7400000000000000102", "Translator", "Translates texts.", storeCategories[1], true, 500, 30, "translate", "text"},
	{"7400000000000000103", "Picture search", "Finds pictures.", storeCategories[2], false, 100, 60, "search_pictures", "query"},
}

// day is a day in seconds.
const day = 24 * 60 * 60

func findPlugin(id string) (*plugin, error) {
	i := slices.IndexFunc(storePlugins, func(p plugin) bool { return p.id == id })
	if i < 0 {
		return nil, notFound("plugin", id)
	}
	return &storePlugins[i], nil
}

func (p *plugin) wire(now int64) map[string]any {
	parameters := map[string]any{
		"type": "object", "required": []string{p.parameter},
		"properties": map[string]any{p.parameter: map[string]any{"type": "string", "description": "What the tool works on."}},
	}
	address := map[string]any{"url": "https://mcp.coze.cn/v1/plugins/" + p.id}
	mcp, _ := encodeJSON(map[string]any{"mcpServers": map[string]any{p.name: address}})
	return map[string]any{
		"plugin_id": p.id, "name": p.name, "name_for_model": strings.ReplaceAll(strings.ToLower(p.name), " ", "_"),
		"description": p.description, "icon_url": "https://example.com/plugin.png", "category": p.category.Name,
		"is_call_available": true, "mcp_json": string(mcp), "created_at": now - p.age*day, "updated_at": now - p.age*day,
		"tools": []any{map[string]any{
			"tool_id": p.id + "1", "name": p.tool, "description": p.description, "inputSchema": parameters, "outputSchema": parameters,
		}},
	}
}

func (p *plugin) product(now int64) map[string]any {
	return map[string]any{
		"metainfo": map[string]any{
			"product_id": p.id + "0", "entity_id": p.id, "entity_version": "1", "entity_type": "plugin", "name": p.name,
			"description": p.description, "category": p.category, "icon_url": "https://example.com/plugin.png",
			"listed_at": now - p.age*day, "paid_type": "paid", "is_official": p.official,
			"user_info": map[string]any{
				"user_id": DefaultUserID, "user_name": "fake", "nick_name": "Fake user", "avatar_url": "https://example.com/user.png",
			},
		},
		"plugin_info": map[string]any{
			"description": p.description, "total_tools_count": 1, "favorite_count": p.heat / 10, "heat": p.heat, "success_rate": 1,
			"avg_exec_duration_ms": 1.5, "bots_use_count": p.heat, "associated_bots_use_count": p.heat, "call_count": p.heat * 10,
			"is_call_available": true,
		},
	}
}

// storePage reads the page of a list of the store, which the document does not bound below.
func (x *exchange) storePage() (num, size int, err error) {
	num, size = x.number("page_num", 1), x.number("page_size", 20)
	if num < 1 || size < 1 {
		return 0, 0, refuse(codeInvalidParameter, "page_num and page_size must be at least 1")
	}
	return num, size, nil
}

// list reads a query parameter of values that are joined by commas.
func (x *exchange) list(name string) []string {
	if !x.query.Has(name) {
		return nil
	}
	return strings.Split(x.query.Get(name), ",")
}

func (x *exchange) listStoreCategories() (any, error) {
	num, size, err := x.storePage()
	if err != nil {
		return nil, err
	}
	items, more := page(storeCategories, num, size)
	return map[string]any{"items": items, "has_more": more}, nil
}

// listStorePlugins searches plugins. The best matches come first unless another order is asked for: that of the set.
func (x *exchange) listStorePlugins() (any, error) {
	num, size, err := x.storePage()
	if err != nil {
		return nil, err
	}
	categories := x.list("category_ids")
	if id := x.query.Get("category_id"); id != "" {
		categories = append(categories, id)
	}
	keyword := strings.ToLower(x.query.Get("keyword"))
	official, parseErr := strconv.ParseBool(x.query.Get("is_official"))
	var found []plugin
	for _, p := range storePlugins {
		if strings.Contains(strings.ToLower(p.name+" "+p.description), keyword) && (parseErr != nil || official == p.official) &&
			(len(categories) == 0 || slices.Contains(categories, p.category.ID)) {
			found = append(found, p)
		}
	}
	switch x.query.Get("sort_type") {
	case "heat":
		slices.SortStableFunc(found, func(a, b plugin) int { return cmp.Compare(b.heat, a.heat) })
	case "newest":
		slices.SortStableFunc(found, func(a, b plugin) int { return cmp.Compare(a.age, b.age) })
	}
	found, more := page(found, num, size)
	items := []map[string]any{}
	for _, p := range found {
		items = append(items, p.product(x.srv.now()))
	}
	return map[string]any{"items": items, "has_more": more}, nil
}

func (x *exchange) getPlugin() (any, error) {
	p, err := findPlugin(x.path["plugin_id"])
	if err != nil {
		return nil, err
	}
	return p.wire(x.srv.now()), nil
}

func (x *exchange) batchGetPlugins() (any, error) {
	ids := x.list("ids")
	if len(ids) > 20 {
		return nil, refuse(codeInvalidParameter, "%d ids, at most 20 are allowed", len(ids))
	}
	items := []map[string]any{}
	for _, id := range ids {
		p, err := findPlugin(id)
		if err != nil {
			return nil, err
		}
		items = append(items, p.wire(x.srv.now()))
	}
	return map[string]any{"items": items}, nil
}

// callPluginTool answers with the arguments, word for word.
func (x *exchange) callPluginTool() (any, error) {
	var req struct {
		ToolName  string                     `json:"tool_name"`
		Arguments map[string]json.RawMessage `json:"arguments"`
	}
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	p, err := findPlugin(x.path["plugin_id"])
	if err != nil {
		return nil, err
	}
	if req.ToolName != p.tool {
		return nil, refuse(codeNotFound, "plugin %s has no tool %s", p.id, req.ToolName)
	}
	if req.Arguments[p.parameter] == nil {
		return nil, refuse(codeInvalidParameter, "tool %s needs the argument %s", p.tool, p.parameter)
	}
	return map[string]any{"result": req.Arguments}, nil
}
