package reference

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/cozekit/cozekit/tools/apidocs/browser"
)

const patience = time.Minute // for the page to be drawn, on a loaded machine

// Check opens the page in a browser and returns what is not as it should be: operations, samples, events and webhooks that
// do not appear, complaints of the page, and anything that it tries to fetch.
func (p *Page) Check(ctx context.Context, program, file string) ([]string, error) {
	b, err := browser.Start(ctx, program)
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.Close() }()
	file, err = filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	v, err := b.Open((&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String())
	if err != nil {
		return nil, err
	}
	var problems []string
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	drawn := fmt.Sprintf("document.readyState === 'complete' && document.getElementById(%q) !== null",
		p.Operations[len(p.Operations)-1].Anchor)
	if err := v.WaitFor(drawn, patience); err != nil {
		report("%v", err)
	}
	var shown struct {
		Sections map[string]string `json:"sections"`
		Text     string            `json:"text"`
	}
	if err := v.Evaluate(readPage, &shown); err != nil {
		return nil, err
	}
	for _, o := range p.Operations {
		switch text, ok := shown.Sections[o.Anchor]; {
		case !ok:
			report("%s is not in the page", o.ID)
		case !strings.Contains(squeeze(text), squeeze(o.Sample)):
			report("%s has no Go sample beside it", o.ID)
		}
	}
	all := squeeze(shown.Text)
	for _, name := range p.Events {
		if !strings.Contains(all, name) {
			report("the event %s is not in the page", name)
		}
	}
	for _, id := range p.Webhooks {
		if !hasSuffix(shown.Sections, "/"+id) {
			report("the webhook %s is not in the page", id)
		}
	}
	for _, c := range v.Complaints {
		report("the page complains: %s", c)
	}
	for _, r := range v.Requests {
		report("the page asks for %s", r)
	}
	return problems, nil
}

// readPage collects the text of each section that stands for an operation, and of the whole page.
const readPage = `(() => {
	const sections = {};
	for (const e of document.querySelectorAll('[id*="operation/"]')) sections[e.id] = e.textContent;
	return {sections, text: document.getElementById('page').textContent};
})()`

// squeeze drops white space, which browsers change.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func hasSuffix(sections map[string]string, suffix string) bool {
	for id := range sections {
		if strings.HasSuffix(id, suffix) {
			return true
		}
	}
	return false
}
