package rules

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Count tells errors from warnings.
func Count(findings []Finding) (errors, warnings int) {
	for _, f := range findings {
		if f.Warning {
			warnings++
		} else {
			errors++
		}
	}
	return errors, warnings
}

// Summary is the closing line.
func Summary(d *Document, findings []Finding) string {
	errors, warnings := Count(findings)
	return fmt.Sprintf("%d operations, %d schemas, %d errors, %d warnings", len(d.Operations), d.Schemas, errors, warnings)
}

// WriteText writes a line for each finding.
func WriteText(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	return nil
}

var githubText = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

// WriteGitHub writes workflow commands, which GitHub shows as annotations of the changed lines.
func WriteGitHub(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		level := "error"
		if f.Warning {
			level = "warning"
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=speclint %s::%s\n",
			level, f.File, f.Line, f.Column, f.Rule, githubText.Replace(f.Message))
		if err != nil {
			return err
		}
	}
	return nil
}

type object = map[string]any

// WriteSARIF writes a SARIF 2.1.0 log with all rules, for code scanning.
func WriteSARIF(w io.Writer, findings []Finding) error {
	var rules []object
	for _, r := range All() {
		rules = append(rules, object{"id": r.Name, "shortDescription": object{"text": r.Reason}})
	}
	results := []object{}
	for _, f := range findings {
		level := "error"
		if f.Warning {
			level = "warning"
		}
		results = append(results, object{
			"ruleId": f.Rule, "level": level, "message": object{"text": f.Message},
			"locations": []object{{"physicalLocation": object{
				"artifactLocation": object{"uri": f.File},
				"region":           object{"startLine": f.Line, "startColumn": f.Column},
			}}},
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []object{{
			"tool":    object{"driver": object{"name": "speclint", "rules": rules}},
			"results": results,
		}},
	})
}
