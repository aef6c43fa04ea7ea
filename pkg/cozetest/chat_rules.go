package cozetest

import (
	"encoding/json"
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// checkChatRequest refuses what the platform refuses whatever its state.
func checkChatRequest(req *cozeapi.CreateChatRequest, stream bool) error {
	stored := req.AutoSaveHistory == nil || *req.AutoSaveHistory
	switch {
	case !stream && !stored:
		return refuse(codeInvalidParameter, "auto_save_history must be true when stream is false")
	case req.BotVersion != "" && req.PublishStatus == "unpublished_draft":
		return refuse(codeInvalidParameter, "bot_version cannot be given with publish_status unpublished_draft")
	case len(req.AdditionalMessages) > 100:
		return refuse(codeTooManyMessages, "additional_messages has %d messages, at most 100 are allowed", len(req.AdditionalMessages))
	}
	if err := checkMetaData(req.MetaData); err != nil {
		return err
	}
	for i, m := range req.AdditionalMessages {
		if err := checkMetaData(m.MetaData); err != nil {
			return err
		}
		if err := checkEnterMessage(i, m, stored); err != nil {
			return err
		}
		if m.ContentType == contentObjectString && !hasText(m) && !textBeside(req.AdditionalMessages, i) {
			return refuse(codeInvalidParameter, "additional_messages[%d] has no text, and no message next to it is text", i)
		}
	}
	return nil
}

// checkEnterMessage refuses a message whose parts do not fit each other.
func checkEnterMessage(i int, m cozeapi.EnterMessage, stored bool) error {
	kind := string(m.Type)
	switch {
	case stored && kind != "" && kind != typeQuestion && kind != typeAnswer:
		return refuse(codeInvalidParameter, "message %d: type %s needs auto_save_history false", i, kind)
	case m.Content != "" && m.ContentType == "":
		return refuse(codeInvalidParameter, "message %d: content_type is needed with content", i)
	case m.ContentType != contentObjectString:
		return nil
	}
	items, err := objectString(m.Content)
	if err != nil || len(items) == 0 {
		return refuse(codeInvalidParameter, "message %d: content is not the JSON text of a list of parts, as object_string wants it", i)
	}
	texts := 0
	for j, item := range items {
		switch item.Type {
		case "text":
			texts++
			if item.Text == "" {
				return refuse(codeInvalidParameter, "message %d: part %d has no text", i, j)
			}
		case "file", "image", "audio":
			if item.FileID == "" && item.FileURL == "" {
				return refuse(codeInvalidParameter, "message %d: part %d needs file_id or file_url", i, j)
			}
		default:
			return refuse(codeInvalidParameter, "message %d: part %d has the unknown type %q", i, j, item.Type)
		}
	}
	if texts > 1 {
		return refuse(codeInvalidParameter, "message %d has %d texts, one is allowed", i, texts)
	}
	if texts == len(items) {
		return refuse(codeInvalidParameter, "message %d has no file or image beside its text", i)
	}
	return nil
}

func objectString(content string) ([]cozeapi.ObjectStringItem, error) {
	var items []cozeapi.ObjectStringItem
	err := json.Unmarshal([]byte(content), &items)
	return items, err
}

// hasText tells whether a message of several parts has a text among them.
func hasText(m cozeapi.EnterMessage) bool {
	items, err := objectString(m.Content)
	return err == nil && slices.ContainsFunc(items, func(i cozeapi.ObjectStringItem) bool { return i.Type == "text" })
}

// textBeside tells whether the message before or after message i is text.
func textBeside(list []cozeapi.EnterMessage, i int) bool {
	isText := func(j int) bool { return j >= 0 && j < len(list) && list[j].ContentType == contentText }
	return isText(i-1) || isText(i+1)
}
