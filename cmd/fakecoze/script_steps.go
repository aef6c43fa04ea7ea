package main

import (
	"maps"
	"strings"
	"time"

	yaml "github.com/oasdiff/yaml3"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

var botSteps = withCommon(map[string]stepParser{
	"error": errorStep, "follow_up": followUpStep, "say": sayStep, "stream": streamStep, "think": thinkStep, "tool": toolStep,
})

var workflowSteps = withCommon(map[string]stepParser{"interrupt": interruptStep, "message": messageStep, "output": outputStep})

// withCommon adds the steps that bots and workflows have in common.
func withCommon(own map[string]stepParser) map[string]stepParser {
	maps.Copy(own, map[string]stepParser{
		"drop": dropStep, "fail": failStep, "pause": pauseStep, "stall": stallStep, "usage": usageStep, "when": whenStep,
	})
	return own
}

func sayStep(p *parser, n *yaml.Node) step {
	text := p.text(n)
	return func(a *act) bool { a.turn.Say(a.fill(text)); return true }
}

func thinkStep(p *parser, n *yaml.Node) step {
	text := p.text(n)
	return func(a *act) bool { a.turn.Think(a.fill(text)); return true }
}

// piece is a part of an answer, or a pause between two.
type piece struct {
	text  string
	pause time.Duration
}

// streamStep takes pieces of one answer: texts, and pause with a duration.
func streamStep(p *parser, n *yaml.Node) step {
	var pieces []piece
	p.items(n, func(item *yaml.Node) {
		if item.Kind != yaml.MappingNode {
			pieces = append(pieces, piece{text: p.text(item)})
			return
		}
		p.fields(item, map[string]func(*yaml.Node){
			"pause": func(n *yaml.Node) { pieces = append(pieces, piece{pause: p.duration(n)}) },
		})
	})
	return func(a *act) bool {
		a.turn.StreamSeq(func(yield func(string) bool) {
			for _, next := range pieces {
				if next.pause > 0 {
					a.Pause(next.pause)
				} else if !yield(a.fill(next.text)) {
					return
				}
			}
		})
		return true
	}
}

func pauseStep(p *parser, n *yaml.Node) step {
	d := p.duration(n)
	return func(a *act) bool { a.Pause(d); return true }
}

func stallStep(p *parser, n *yaml.Node) step {
	p.nothing(n)
	return func(a *act) bool { a.Stall(); return false }
}

func dropStep(p *parser, n *yaml.Node) step {
	p.nothing(n)
	return func(a *act) bool { a.Drop(); return true }
}

// failure reads a code and a message.
func failure(p *parser, n *yaml.Node) (code int, msg string) {
	p.fields(n, map[string]func(*yaml.Node){
		"code": func(n *yaml.Node) { code = p.number(n) },
		"msg":  func(n *yaml.Node) { msg = p.text(n) },
	})
	if code == 0 {
		p.fail(n, "the code is missing")
	}
	return code, msg
}

func failStep(p *parser, n *yaml.Node) step {
	code, msg := failure(p, n)
	return func(a *act) bool { a.Fail(code, a.fill(msg)); return false }
}

func errorStep(p *parser, n *yaml.Node) step {
	code, msg := failure(p, n)
	return func(a *act) bool { a.turn.Error(code, a.fill(msg)); return false }
}

func usageStep(p *parser, n *yaml.Node) step {
	var in, out int
	p.fields(n, map[string]func(*yaml.Node){
		"in":  func(n *yaml.Node) { in = p.number(n) },
		"out": func(n *yaml.Node) { out = p.number(n) },
	})
	return func(a *act) bool { a.Usage(in, out); return true }
}

// whenStep does steps in place of those after it if the question contains a text, in letters of any case.
func whenStep(p *parser, n *yaml.Node) step {
	var text string
	var steps []step
	p.fields(n, map[string]func(*yaml.Node){
		"question": func(n *yaml.Node) { text = strings.ToLower(p.text(n)) },
		"do":       func(n *yaml.Node) { steps = p.steps(n) },
	})
	if text == "" || steps == nil {
		p.fail(n, "when takes question and do")
	}
	return func(a *act) bool {
		if !strings.Contains(strings.ToLower(a.Question()), text) {
			return true
		}
		a.play(steps)
		return false
	}
}

func followUpStep(p *parser, n *yaml.Node) step {
	var questions []string
	p.items(n, func(item *yaml.Node) { questions = append(questions, p.text(item)) })
	return func(a *act) bool {
		for _, q := range questions {
			a.turn.FollowUp(a.fill(q))
		}
		return true
	}
}

// toolStep asks for a tool and waits; {output} is what it gave.
func toolStep(p *parser, n *yaml.Node) step {
	var name string
	var args any = map[string]any{}
	p.fields(n, map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) { name = p.text(n) },
		"args": func(n *yaml.Node) { args = p.value(n) },
	})
	if name == "" {
		p.fail(n, "the name of the tool is missing")
	}
	return func(a *act) bool {
		a.values["output"] = a.turn.UseTool(name, a.fillIn(args))
		return true
	}
}

// fillIn is fill for the texts in a value.
func (a *act) fillIn(v any) any {
	switch v := v.(type) {
	case string:
		return a.fill(v)
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = a.fillIn(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = a.fillIn(e)
		}
		return out
	default:
		return v
	}
}

// messageStep lets a node say pieces; without a node it is the end node, whose text is the output.
func messageStep(p *parser, n *yaml.Node) step {
	node := cozetest.EndNode
	var pieces []string
	p.fields(n, map[string]func(*yaml.Node){
		"node":   func(n *yaml.Node) { node = p.text(n) },
		"pieces": func(n *yaml.Node) { p.items(n, func(item *yaml.Node) { pieces = append(pieces, p.text(item)) }) },
	})
	return func(a *act) bool {
		filled := make([]string, len(pieces))
		for i, text := range pieces {
			filled[i] = a.fill(text)
		}
		a.run.Message(node, filled...)
		return true
	}
}

func outputStep(p *parser, n *yaml.Node) step {
	v := p.value(n)
	return func(a *act) bool { a.run.Output(a.fillIn(v)); return true }
}

// interruptStep asks a question and waits; {output} is what the run was resumed with.
func interruptStep(p *parser, n *yaml.Node) step {
	question := p.text(n)
	return func(a *act) bool {
		a.values["output"] = a.run.Interrupt(cozeapi.InterruptTypeQuestion, a.fill(question), nil)
		return true
	}
}
