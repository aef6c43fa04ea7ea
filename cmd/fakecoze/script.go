package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	yaml "github.com/oasdiff/yaml3"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// script is a file of bots and workflows: for each id, the steps that it goes through.
type script struct {
	bots, drafts, workflows, chatflows map[string][]step
}

// act is one run of a bot or workflow.
type act struct {
	actor
	turn   *cozetest.Turn // of a bot; nil for a workflow
	run    *cozetest.Run  // of a workflow; nil for a bot
	values map[string]string
}

// actor is what turns and runs have in common.
type actor interface {
	Drop()
	Fail(code int, msg string)
	Pause(d time.Duration)
	Question() string
	Stall()
	Usage(in, out int)
}

// step is one thing that a bot or workflow does. It tells whether the next one follows.
type step func(a *act) bool

// register gives the bots and workflows to a server.
func (s *script) register(srv *cozetest.Server) {
	bot := func(steps []step) cozetest.Script {
		return func(t *cozetest.Turn) error {
			(&act{actor: t, turn: t, values: map[string]string{"question": t.Question()}}).play(steps)
			return nil
		}
	}
	workflow := func(steps []step) cozetest.WorkflowScript {
		return func(r *cozetest.Run) error {
			a := &act{actor: r, run: r, values: map[string]string{"question": r.Question()}}
			for name, v := range r.Parameters() {
				a.values[name] = fmt.Sprint(v)
			}
			a.play(steps)
			return nil
		}
	}
	for id, steps := range s.bots {
		srv.Bot(id, bot(steps))
	}
	for id, steps := range s.drafts {
		srv.DraftBot(id, bot(steps))
	}
	for id, steps := range s.workflows {
		srv.Workflow(id, workflow(steps))
	}
	for id, steps := range s.chatflows {
		srv.Chatflow(id, workflow(steps))
	}
}

// play goes through steps, to their end or to one that is the last.
func (a *act) play(steps []step) {
	for _, s := range steps {
		if !s(a) {
			return
		}
	}
}

// fill puts values in the place of {name}; unknown names stay as they are.
func (a *act) fill(text string) string {
	for name, v := range a.values {
		text = strings.ReplaceAll(text, "{"+name+"}", v)
	}
	return text
}

// readScript reads a file. Its errors begin with file and line.
func readScript(file string) (*script, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseScript(file, text)
}

// yamlLine is how the parser names a line.
var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

func parseScript(file string, text []byte) (*script, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			return nil, fmt.Errorf("%s:%s: %s", file, m[1], strings.TrimPrefix(err.Error(), m[0]))
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s := &script{}
	if len(root.Content) == 0 {
		return s, nil
	}
	p := &parser{file: file}
	parts := []struct {
		name  string
		steps map[string]stepParser
		into  *map[string][]step
	}{
		{"bots", botSteps, &s.bots}, {"drafts", botSteps, &s.drafts},
		{"workflows", workflowSteps, &s.workflows}, {"chatflows", workflowSteps, &s.chatflows},
	}
	p.entries(root.Content[0], func(key, value *yaml.Node) {
		for _, part := range parts {
			if part.name == key.Value {
				p.table = part.steps
				*part.into = p.actors(value)
				return
			}
		}
		p.fail(key, "unknown part %q; there are bots, drafts, workflows and chatflows", key.Value)
	})
	return s, p.err
}

// actors reads a map from ids to steps.
func (p *parser) actors(n *yaml.Node) map[string][]step {
	all := map[string][]step{}
	p.entries(n, func(key, value *yaml.Node) {
		if strings.Trim(key.Value, "0123456789") != "" || key.Value == "" {
			p.fail(key, "the id %q is not made of digits", key.Value)
		}
		all[key.Value] = p.steps(value)
	})
	return all
}
