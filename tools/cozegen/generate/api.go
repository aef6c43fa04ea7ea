package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// API generates the package of models and services from an OpenAPI document.
func API(spec, pkg string) (Files, error) {
	d, err := load(spec)
	if err != nil {
		return nil, err
	}
	streams, err := loadStreams(d)
	if err != nil {
		return nil, err
	}
	sockets, err := loadSockets(d)
	if err != nil {
		return nil, err
	}
	if err := buildRequests(d); err != nil {
		return nil, err
	}
	applyPolicy(d, sentBy(sockets))
	results, err := resultSchemas(d)
	if err != nil {
		return nil, err
	}
	pruneEnvelope(d, results)
	models, err := models(d, pkg)
	if err != nil {
		return nil, err
	}
	out := Files{"types" + suffix: models}
	if err := writeServices(d, pkg, out); err != nil {
		return nil, err
	}
	if err := writeOperations(d, pkg, out); err != nil {
		return nil, err
	}
	if err := writeStreams(streams, pkg, out); err != nil {
		return nil, err
	}
	if err := writeRedaction(d, pkg, out); err != nil {
		return nil, err
	}
	return out, writeSockets(sockets, pkg, out)
}

// initialisms are those of the platform beside Go's usual ones.
var initialisms = []string{
	"IDs", "URLs", "ASR", "TTS", "SSE", "OAuth", "VAD", "RTC", "RPM", "PCM", "SLA", "UIDs", "MCP",
}

// models runs oapi-codegen on the components alone. It leaves the names of schemas in codegen's global state, which the
// service templates use afterwards.
func models(d *document, pkg string) ([]byte, error) {
	t := *d.T
	t.Paths, t.Webhooks = openapi3.NewPaths(), nil
	t.Components = &openapi3.Components{Schemas: d.Components.Schemas}
	formats := func(m map[string]string) codegen.FormatMapping {
		f := codegen.FormatMapping{Formats: map[string]codegen.SimpleTypeSpec{}}
		for name, goType := range m {
			f.Formats[name] = codegen.SimpleTypeSpec{Type: goType, Import: module + "/pkg/call"}
		}
		return f
	}
	code, err := codegen.Generate(&t, codegen.Configuration{
		PackageName: pkg,
		Generate:    codegen.GenerateOptions{Models: true},
		OutputOptions: codegen.OutputOptions{
			NameNormalizer:                        "ToCamelCaseWithInitialisms",
			AdditionalInitialisms:                 initialisms,
			PreferSkipOptionalPointer:             true,
			PreferSkipOptionalPointerWithOmitzero: true,
			SkipFmt:                               true,
			SkipPrune:                             true,
			SkipEnumValidate:                      true,
			TypeMapping: &codegen.TypeMapping{
				String:  formats(map[string]string{"binary": "call.Upload"}),
				Integer: formats(map[string]string{"unix-seconds": "call.UnixSeconds", "unix-millis": "call.UnixMillis"}),
			},
		},
		Compatibility: codegen.CompatibilityOptions{AlwaysPrefixEnumValues: true},
	})
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	body, err := withoutHeader(code)
	if err != nil {
		return nil, err
	}
	formatted, err := format("types"+suffix, pkg, body)
	return []byte(tidyComments(string(formatted))), err
}

// withoutHeader cuts off the package clause and the imports, which format writes again.
func withoutHeader(code string) (string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", code, parser.ParseComments)
	if err != nil {
		return "", fmt.Errorf("models: %w", err)
	}
	end := f.Name.End()
	for _, decl := range f.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			end = g.End()
		}
	}
	return code[fset.Position(end).Offset:], nil
}

var (
	fieldComment = regexp.MustCompile(`^\t// (\w+) (.*)$`)
	typeComment  = regexp.MustCompile(`^// (\w+) (A|An|The|One) (.*)$`)
	definesEnum  = regexp.MustCompile(`^// Defines values for (\w+)\.$`)
)

// tidyComments makes oapi-codegen's comments read like Go's: "Bot is a ...", and fields without their own name in front.
func tidyComments(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		if p := fieldComment.FindStringSubmatch(line); p != nil && commentedName(lines[i+1:]) == p[1] {
			lines[i] = "\t// " + p[2]
		} else if p := typeComment.FindStringSubmatch(line); p != nil {
			lines[i] = "// " + p[1] + " is " + strings.ToLower(p[2]) + " " + p[3]
		} else if p := definesEnum.FindStringSubmatch(line); p != nil {
			lines[i] = "// The values of [" + p[1] + "] that are known; others can occur."
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "interface{}", "any")
}

// commentedName is the name that a comment, of which lines are the rest, stands before.
func commentedName(lines []string) string {
	for _, line := range lines {
		if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "//") {
			name, _, _ := strings.Cut(trimmed, " ")
			return name
		}
	}
	return ""
}
