package webhook

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// The headers of a delivery.
const (
	HeaderTimestamp = "X-Coze-Timestamp" // Unix milliseconds
	HeaderNonce     = "X-Coze-Nonce"
	HeaderSignature = "X-Coze-Signature" // 40 lower-case hexadecimal digits
)

// Why a delivery is not taken.
var (
	ErrNotSigned = errors.New("the delivery is not signed")
	ErrSignature = errors.New("the signature is wrong: the verify token is that of another app, or the delivery is forged")
	ErrStale     = errors.New("the timestamp is outside of the window")
	ErrNoToken   = errors.New("the verify token is empty")
)

// Sign returns the signature of a delivery: what [HeaderSignature] says. timestamp is the text of [HeaderTimestamp].
func Sign(verifyToken, timestamp, nonce string, body []byte) string {
	h := sha1.New() // not our choice
	for _, part := range []string{timestamp, nonce, verifyToken} {
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Verify tells whether a delivery comes from the platform: whether body, exactly as it was received, and the headers carry the
// signature of the app's verify token, and the timestamp is at most five minutes away ([WithWindow]). The error matches
// [ErrNotSigned], [ErrSignature], [ErrStale] or [ErrNoToken] and holds no secret. Who calls it has to recognise repeats by the
// event id.
func Verify(verifyToken string, header http.Header, body []byte, opts ...Option) error {
	c := newConfig(opts)
	return c.verify(verifyToken, header, body)
}

// verify checks a delivery. Nothing separates timestamp and nonce in what is signed, so that a forger could move digits from one to
// the other; but that makes the time ten times what it was, or a tenth.
func (c *config) verify(verifyToken string, header http.Header, body []byte) error {
	timestamp, nonce, signature := header.Get(HeaderTimestamp), header.Get(HeaderNonce), header.Get(HeaderSignature)
	switch {
	case verifyToken == "":
		return ErrNoToken
	case timestamp == "" || signature == "":
		return fmt.Errorf("%w: it needs %s, %s and %s", ErrNotSigned, HeaderTimestamp, HeaderNonce, HeaderSignature)
	}
	want := Sign(verifyToken, timestamp, nonce, body)
	if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) != 1 {
		return ErrSignature
	}
	ms, err := strconv.ParseUint(timestamp, 10, 63)
	if err != nil {
		return fmt.Errorf("%w: it is not Unix milliseconds", ErrStale)
	}
	if age := c.now().Sub(time.UnixMilli(int64(ms))); c.window > 0 && age.Abs() > c.window {
		return fmt.Errorf("%w: it is %s away from now, more than %s", ErrStale, age.Abs().Round(time.Second), c.window)
	}
	return nil
}

// signed tells whether a delivery has any of the headers.
func signed(header http.Header) bool {
	return header.Get(HeaderTimestamp) != "" || header.Get(HeaderNonce) != "" || header.Get(HeaderSignature) != ""
}
