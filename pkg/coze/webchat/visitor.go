package webchat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// VisitorFunc says who sends a request, by an id that nobody else has, such as the id of an account: what is behind one id is
// one person's. It may set cookies on w, but leaves the answer to the caller. An error, or an empty id, means that the request
// is not served: HTTP 401 and code 4100, unless the error is a [coze.Error] that says otherwise. It is called from many
// goroutines.
type VisitorFunc func(w http.ResponseWriter, r *http.Request) (id string, err error)

var (
	errStranger  = gate.Refuse(http.StatusUnauthorized, coze.CodeInvalidToken, "the visitor is not known")
	errTooMany   = gate.Refuse(http.StatusTooManyRequests, coze.CodeRateLimited, "too many requests")
	errForbidden = gate.Refuse(http.StatusForbidden, coze.CodePermissionDenied, "this is not offered here")
	errNoVisitor = errors.New("no visitor function: without it all visitors would share their conversations")
)

// identify runs a VisitorFunc.
func (f VisitorFunc) identify(w http.ResponseWriter, r *http.Request) (string, error) {
	id, err := f(w, r)
	var own *coze.Error
	switch {
	case errors.As(err, &own):
		return "", err
	case err != nil || id == "":
		return "", errStranger
	}
	return id, nil
}

// visit is one request of a visitor, on its way through the proxy.
type visit struct {
	visitor string
	list    listing // what it asks for, if it is for the list of conversations
	learn   func(ctx context.Context, answer answer) error
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// stampKey is the name of the pair in the meta_data of a conversation that says whose it is. Visitors cannot set it.
const stampKey = "cozekit_visitor"

// stamp stands for a visitor where the id itself need not be seen.
func stamp(visitor string) string {
	sum := sha256.Sum256([]byte("cozekit webchat\x00" + visitor))
	return hex.EncodeToString(sum[:16])
}
