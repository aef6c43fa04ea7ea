package cozetest

import "fmt"

// Codes of api/errors.yaml that the fake uses.
const (
	codeInvalidParameter = 4000
	codeMetaDataTooLarge = 4003
	codeTooManyMessages  = 4004
	codeBotNotPublished  = 4015
	codeConversationBusy = 4016
	codeInvalidToken     = 4100
	codePermissionDenied = 4101
	codeNotCancelable    = 4104
	codeNotFound         = 4200
	codeFileMissing      = 4300
	codeTooManyFiles     = 4301
	codeFileTooLarge     = 4302
	codeFileFormat       = 4303
	codeInternal         = 5000
)

// refusal is an answer of the platform that says no. It is nothing that a test fails for.
type refusal struct {
	code   int
	msg    string
	status int // HTTP status; 0 is 200
}

func (r *refusal) Error() string { return fmt.Sprintf("%s (code %d)", r.msg, r.code) }

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code: code, msg: fmt.Sprintf(format, args...)}
}

func notFound(what, id string) *refusal {
	return refuse(codeNotFound, "%s %s does not exist", what, id)
}
