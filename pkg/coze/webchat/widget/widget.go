// Package widget holds the script of the chat widget: the element <coze-chat> and the constructor CozeWebSDK.WebChatClient.
// web/README.md tells what pages can do with it. Package webchat serves it; other servers can, too:
//
//	http.HandleFunc("GET /coze-chat.js", func(w http.ResponseWriter, r *http.Request) {
//		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
//		w.Header().Set("ETag", widget.ETag())
//		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(widget.Script()))
//	})
package widget

import (
	"bytes"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
)

//go:embed coze-chat.gen.js
var script []byte

//go:embed coze-chat.mjs
var module []byte

// Script returns the script, UTF-8 text, as a copy. It can be loaded as a classic script or as a module.
func Script() []byte { return bytes.Clone(script) }

// Module returns a small ES module that exports what the script makes, as a copy. It imports the script as coze-chat.js from the
// folder that it is served from.
func Module() []byte { return bytes.Clone(module) }

// Integrity returns what the attribute integrity of a script element checks the script by: "sha384-" and its hash in base64.
func Integrity() string {
	sum := sha512.Sum384(script)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

// ETag returns a strong entity tag of the script, in quotes. It changes with the script.
func ETag() string { return `"` + Integrity() + `"` }
