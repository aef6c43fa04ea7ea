package widget_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"testing"
	"unicode/utf8"

	"github.com/cozekit/cozekit/pkg/coze/webchat/widget"
)

func TestScript(t *testing.T) {
	t.Parallel()
	script := widget.Script()
	if !utf8.Valid(script) || !bytes.Contains(script, []byte("WebChatClient")) {
		t.Error("the script is not that of the widget")
	}
	sum := sha512.Sum384(script)
	if want := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); widget.Integrity() != want {
		t.Errorf("Integrity() = %q, want %q", widget.Integrity(), want)
	}
	if want := `"` + widget.Integrity() + `"`; widget.ETag() != want {
		t.Errorf("ETag() = %q, want %q", widget.ETag(), want)
	}
	clear(script)
	if bytes.Equal(script, widget.Script()) {
		t.Error("a caller can change the script of others")
	}
}

func TestModuleExportsWhatTheScriptMakes(t *testing.T) {
	t.Parallel()
	module := widget.Module()
	for _, name := range []string{"WebChatClient", "CozeChatElement", "setScriptUrl"} {
		if !bytes.Contains(module, []byte(name)) || !bytes.Contains(widget.Script(), []byte(name)) {
			t.Errorf("%s is not in both", name)
		}
	}
}
