package coze

import "encoding/json"

// UserMessage is a question of the user in plain text, for the messages of a chat request.
func UserMessage(text string) EnterMessage {
	return EnterMessage{Role: MessageRoleUser, Type: EnterMessageTypeQuestion, ContentType: EnterContentTypeText, Content: text}
}

// AssistantMessage is an earlier answer of the bot in plain text, to give a chat its context.
func AssistantMessage(text string) EnterMessage {
	return EnterMessage{Role: MessageRoleAssistant, Type: EnterMessageTypeAnswer, ContentType: EnterContentTypeText, Content: text}
}

// UserMessageOf is a question of the user that is made of parts. The platform takes one text at most, beside at least one
// file, image or audio; a message without a text needs a text message next to it.
func UserMessageOf(parts ...ObjectStringItem) EnterMessage {
	content, _ := json.Marshal(parts) // strings only: it cannot fail
	return EnterMessage{
		Role: MessageRoleUser, Type: EnterMessageTypeQuestion,
		ContentType: EnterContentTypeObjectString, Content: string(content),
	}
}

// TextPart is the text of a message that is made of parts.
func TextPart(text string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeText, Text: text}
}

// ImageIDPart is an image that was uploaded before; id is [File].ID.
func ImageIDPart(id string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeImage, FileID: id}
}

// ImageURLPart is an image that the server fetches from a public URL.
func ImageURLPart(url string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeImage, FileURL: url}
}

// FileIDPart is a file that was uploaded before; id is [File].ID.
func FileIDPart(id string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeFile, FileID: id}
}

// FileURLPart is a file that the server fetches from a public URL.
func FileURLPart(url string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeFile, FileURL: url}
}

// AudioIDPart is a sound that was uploaded before; id is [File].ID.
func AudioIDPart(id string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeAudio, FileID: id}
}

// AudioURLPart is a sound that the server fetches from a public URL.
func AudioURLPart(url string) ObjectStringItem {
	return ObjectStringItem{Type: ObjectStringItemTypeAudio, FileURL: url}
}
