package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Visit is a page that is open.
type Visit struct {
	Complaints []string // what the console and the parser of the page complained of
	Requests   []string // addresses that the page asked for, besides its own and data in itself

	b *Browser
}

// Open opens an address in a new tab.
func (b *Browser) Open(address string) (*Visit, error) {
	v := &Visit{b: b}
	var target struct {
		ID string `json:"targetId"`
	}
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	var attached struct {
		ID string `json:"sessionId"`
	}
	if err := b.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	b.session = attached.ID
	b.onEvent = func(method string, params json.RawMessage) { v.note(address, method, params) }
	for _, domain := range []string{"Runtime", "Log", "Network", "Page"} {
		if err := b.call(domain+".enable", struct{}{}, nil); err != nil {
			return nil, err
		}
	}
	var navigated struct {
		Error string `json:"errorText"`
	}
	if err := b.call("Page.navigate", map[string]any{"url": address}, &navigated); err != nil {
		return nil, err
	}
	if navigated.Error != "" {
		return nil, fmt.Errorf("%s: %s", address, navigated.Error)
	}
	return v, nil
}

// note keeps what the page did that it should not do.
func (v *Visit) note(address, method string, params json.RawMessage) {
	var p struct {
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
		Type string `json:"type"`
		Args []struct {
			Value       json.RawMessage `json:"value"`
			Description string          `json:"description"`
		} `json:"args"`
		Entry struct {
			Level string `json:"level"`
			Text  string `json:"text"`
		} `json:"entry"`
		Details struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	switch method {
	case "Network.requestWillBeSent":
		u, err := url.Parse(p.Request.URL)
		if err != nil || p.Request.URL != address && u.Scheme != "data" && u.Scheme != "blob" {
			v.Requests = append(v.Requests, p.Request.URL)
		}
	case "Runtime.exceptionThrown":
		v.Complaints = append(v.Complaints, strings.TrimSpace(p.Details.Text+" "+p.Details.Exception.Description))
	case "Log.entryAdded":
		if p.Entry.Level == "error" || p.Entry.Level == "warning" {
			v.Complaints = append(v.Complaints, p.Entry.Text)
		}
	case "Runtime.consoleAPICalled":
		if p.Type == "error" || p.Type == "assert" || p.Type == "warning" {
			text := p.Type + ":"
			for _, a := range p.Args {
				text += " " + strings.Trim(string(a.Value), `"`) + a.Description
			}
			v.Complaints = append(v.Complaints, text)
		}
	}
}

// Evaluate runs an expression in the page and decodes its value, after waiting if it is a promise.
func (v *Visit) Evaluate(expression string, into any) error {
	var out struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Details *struct {
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	err := v.b.call("Runtime.evaluate", map[string]any{
		"expression": expression, "returnByValue": true, "awaitPromise": true,
	}, &out)
	switch {
	case err != nil:
		return err
	case out.Details != nil:
		return errors.New(out.Details.Exception.Description)
	case into == nil:
		return nil
	default:
		return json.Unmarshal(out.Result.Value, into)
	}
}

// WaitFor waits until an expression is true.
func (v *Visit) WaitFor(expression string, limit time.Duration) error {
	promise := fmt.Sprintf(`new Promise((resolve) => {
		const end = Date.now() + %d;
		const look = () => {
			if (%s) resolve(true); else if (Date.now() > end) resolve(false); else setTimeout(look, 50);
		};
		look();
	})`, limit.Milliseconds(), expression)
	var ok bool
	if err := v.Evaluate(promise, &ok); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("after %v it is not true that %s", limit, expression)
	}
	return nil
}
