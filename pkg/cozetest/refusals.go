package cozetest

import "fmt"

// Codes of api/errors.yaml that the fake uses.
const (
	codeVoiceTextMismatch = 1109
	codeSpeechTextTooLong = 3010
	codeInvalidParameter  = 4000
	codeBotNotFound       = 4006 // in operations that change a bot
	codeMetaDataTooLarge  = 4003
	codeTooManyMessages   = 4004
	codeRateLimited       = 4013
	codeBotNotPublished   = 4015
	codeConversationBusy  = 4016
	codeInvalidToken      = 4100
	codePermissionDenied  = 4101
	codeNotCancelable     = 4104
	codeNotFound          = 4200
	codeMemberExists      = 4201
	codeFileMissing       = 4300
	codeTooManyFiles      = 4301
	codeFileTooLarge      = 4302
	codeFileFormat        = 4303
	codeFileInvalid       = 4304
	codeInternal          = 5000
	codeFlowFailed        = 720701013
	codeNotInEnterprise   = 702042162
	codeEnterpriseFull    = 777074011
	codeLastSuperAdmin    = 777074044
)

// refusal is an answer of the platform that says no. It is nothing that a test fails for.
type refusal struct {
	code   int
	msg    string
	status int    // HTTP status; 0 is 200
	word   string // that OAuth endpoints answer in place of a code
}

func (r *refusal) Error() string { return fmt.Sprintf("%s (code %d)", r.msg, r.code) }

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code: code, msg: fmt.Sprintf(format, args...)}
}

func notFound(what, id string) *refusal {
	return refuse(codeNotFound, "%s %s does not exist", what, id)
}
