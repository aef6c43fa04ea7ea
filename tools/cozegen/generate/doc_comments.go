package generate

import (
	"fmt"
	"strings"
)

const commentWidth = 116

// docOf is the doc comment of a method: what it does, who may, which refusals the document names, where Coze describes it.
func docOf(o *operation, name, more string) string {
	var b strings.Builder
	para := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			if b.Len() > 0 {
				b.WriteString("//\n")
			}
			b.WriteString(comment(text))
		}
	}
	para(name + " " + lowerWord(strings.TrimSuffix(o.Summary, ".")) + "." + strings.ReplaceAll(more, "\n//", "\n"))
	para(o.Description)
	if p := o.ext("x-coze-permission"); p != "" {
		para("Permission: " + p + ".")
	}
	para(codesText(o))
	para(serversText(o))
	if o.Deprecated {
		para("Deprecated: " + deprecation(o.Description))
	}
	if o.ExternalDocs != nil {
		para("Coze documentation: " + o.ExternalDocs.URL)
	}
	para("API: " + o.method + " " + o.path)
	return strings.TrimRight(b.String(), "\n")
}

// serversText says which servers serve the operation, as far as that is known.
func serversText(o *operation) string {
	profiles, _ := o.Extensions["x-coze-profiles"].(map[string]any)
	by := map[any][]string{}
	for _, server := range []struct{ key, name string }{{"cn", "coze.cn"}, {"com", "coze.com"}, {"studio", "Coze Studio"}} {
		by[profiles[server.key]] = append(by[profiles[server.key]], server.name)
	}
	var parts []string
	for _, state := range []struct{ key, text string }{{"served", "served by"}, {"unserved", "not by"}, {"unknown", "unknown for"}} {
		if names := by[state.key]; len(names) > 0 {
			parts = append(parts, state.text+" "+strings.Join(names, " and "))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Servers: " + strings.Join(parts, ", ") + "."
}

func codesText(o *operation) string {
	list, _ := o.Extensions["x-coze-errors"].([]any)
	var codes []string
	for _, c := range list {
		codes = append(codes, fmt.Sprintf("%.0f", c))
	}
	if len(codes) == 0 {
		return ""
	}
	return "Known refusals: code " + strings.Join(codes, ", ") + "."
}

// deprecation is the sentence that says what to call instead, else the first one.
func deprecation(description string) string {
	sentences := strings.SplitAfter(strings.Join(strings.Fields(description), " "), ". ")
	for _, s := range sentences {
		if strings.Contains(s, "instead") {
			return strings.TrimSpace(s)
		}
	}
	return strings.TrimSpace(sentences[0])
}

// comment wraps a text; paragraphs stay apart, and indented or list lines stay lines.
func comment(text string) string {
	var b strings.Builder
	for i, para := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.WriteString("//\n")
		}
		line, indent := "", ""
		flush := func() {
			if strings.TrimSpace(line) != "" {
				b.WriteString("// " + line + "\n")
			}
			line = indent
		}
		for raw := range strings.Lines(para) {
			if trimmed := strings.TrimSpace(raw); strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "* ") {
				flush()
				line, indent, raw = "  -", "    ", trimmed[2:]
			}
			for _, word := range strings.Fields(raw) {
				if len(line)+1+len(word) > commentWidth {
					flush()
				}
				if line != indent {
					line += " "
				}
				line += word
			}
		}
		flush()
	}
	return b.String()
}

// lowerWord lowers the first letter unless the word is an abbreviation.
func lowerWord(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
}
