package verdict_test

// edits are the ways in which the document typically changes. Each is a replacement in testdata/openapi.yaml; together
// they make docs/spec-diff-sample.md.
var edits = []struct {
	name    string
	changes [][2]string // old text, which occurs once, and new text
}{
	{"new operation", [][2]string{{"  /v1/workspaces:\n", duplicateBot + "  /v1/workspaces:\n"}}},
	{"new field", [][2]string{{
		"        bot_id: {type: string, description: Its id.}\n",
		"        bot_id: {type: string, description: Its id.}\n        version: {type: string, description: Its published version.}\n",
	}}},
	{"new enum value", [][2]string{{"[published_online, unpublished_draft]", "[published_online, published_draft, unpublished_draft]"}}},
	{"renamed field", [][2]string{{"icon_url:", "icon:"}}},
	{"field made required", [][2]string{{"required: [space_id, name]", "required: [space_id, name, description]"}}},
	{"removed operation", [][2]string{{unpublishBot, ""}}},
	{"changed type", [][2]string{{"update_time: {type: integer, format: int64,", "update_time: {type: string,"}}},
	{"new paging", [][2]string{
		{"      x-coze-permission: listWorkspace\n", "      x-coze-permission: listWorkspace\n" +
			"      x-coze-paging: {style: page, page: page_num, size: page_size, items: workspaces, total: total_count}\n"},
		{"        - name: user_id\n", pageParameters + "        - name: user_id\n"},
	}},
}

const duplicateBot = `  /v1/bots/{bot_id}/duplicate:
    post:
      operationId: DuplicateBot
      tags: [Bots]
      summary: Copies a bot
      externalDocs: {url: 'https://www.coze.cn/open/docs/developer_guides/duplicate_bot'}
      x-coze-service: Bots
      x-coze-method: Duplicate
      x-coze-permission: createBot
      x-coze-profiles: {cn: served, com: unknown, studio: unserved}
      x-coze-retry: never
      parameters:
        - name: bot_id
          in: path
          required: true
          description: Id of the bot.
          schema: {type: string}
      responses:
        '200':
          description: The copy.
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: '#/components/schemas/BaseResponse'}
                  - type: object
                    properties:
                      data: {$ref: '#/components/schemas/Bot'}
        default: {$ref: '#/components/responses/Refusal'}
`

const unpublishBot = `  /v1/bots/{bot_id}/unpublish:
    post:
      operationId: UnpublishBot
      tags: [Bots]
      summary: Takes a bot off a channel
      externalDocs: {url: 'https://www.coze.cn/open/docs/developer_guides/unpublish_agent'}
      x-coze-service: Bots
      x-coze-method: Unpublish
      x-coze-permission: unpublishAgent
      x-coze-profiles: {cn: served, com: unknown, studio: unserved}
      x-coze-retry: before-response
      parameters:
        - name: bot_id
          in: path
          required: true
          description: Id of the bot.
          schema: {type: string}
      responses:
        '200':
          description: It is done.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/BaseResponse'}
        default: {$ref: '#/components/responses/Refusal'}
`

const pageParameters = `        - name: page_num
          in: query
          description: Number of the page, from 1.
          schema: {type: integer, format: int32, default: 1}
        - name: page_size
          in: query
          description: Workspaces on a page, 1 to 50; default 20.
          schema: {type: integer, format: int32, default: 20}
`
