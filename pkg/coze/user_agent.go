package coze

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
)

// Version is the version of this SDK.
const Version = "0.1.0"

// userAgentHeader tells the platform which SDK calls, in the form that the vendor's SDKs use.
func userAgentHeader() http.Header {
	goVersion := strings.TrimPrefix(runtime.Version(), "go")
	info, _ := json.Marshal(struct {
		Version     string `json:"version"`
		Lang        string `json:"lang"`
		LangVersion string `json:"lang_version"`
		OSName      string `json:"os_name"`
		OSVersion   string `json:"os_version"`
	}{Version, "cozekit", goVersion, runtime.GOOS, "unknown"})
	return http.Header{
		"User-Agent":               {"cozekit/" + Version + " go/" + goVersion + " " + runtime.GOOS + "/unknown"},
		"X-Coze-Client-User-Agent": {string(info)},
	}
}
