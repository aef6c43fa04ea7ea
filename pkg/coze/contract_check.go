package coze

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cozekit/cozekit/internal/contract"
	"github.com/cozekit/cozekit/pkg/call"
)

// Drift is [call.Drift] under the name of this package: a place where an answer and the document do not agree.
type Drift = call.Drift

// DriftRule is [call.DriftRule] under the name of this package.
type DriftRule = call.DriftRule

// DriftSource is [call.DriftSource] under the name of this package.
type DriftSource = call.DriftSource

// The rules of a contract check, and what it looks at.
const (
	DriftUnknownField = call.DriftUnknownField
	DriftMissingField = call.DriftMissingField
	DriftWrongKind    = call.DriftWrongKind
	DriftWrongUnit    = call.DriftWrongUnit
	DriftNewEnumValue = call.DriftNewEnumValue
	DriftUnknownEvent = call.DriftUnknownEvent
	DriftNotJSON      = call.DriftNotJSON
	DriftCheckFailed  = call.DriftCheckFailed

	DriftInAnswer  = call.DriftInAnswer
	DriftInRefusal = call.DriftInRefusal
	DriftInEvent   = call.DriftInEvent
	DriftInFrame   = call.DriftInFrame
)

// The defaults of [WithContractCheck].
const (
	DefaultCheckFirst  = 10             // of each operation
	DefaultCheckRate   = 0.01           // of the others
	DefaultCheckWindow = 24 * time.Hour // in which a drift is reported once
)

// A ContractCheckOption changes a default of [WithContractCheck].
type ContractCheckOption interface{ applyCheck(*contract.Config) error }

type checkOption func(*contract.Config) error

func (o checkOption) applyCheck(c *contract.Config) error { return o(c) }

// CheckSample sets what is looked at: the first answers, streams and connections of each operation, [DefaultCheckFirst] by
// default, and the given share of the others, 0 to 1, [DefaultCheckRate] by default. CheckSample(0, 1) looks at everything.
func CheckSample(first int, rate float64) ContractCheckOption {
	return checkOption(func(c *contract.Config) error {
		if first < 0 || !(rate >= 0 && rate <= 1) {
			return fmt.Errorf("a sample of the first %d and a share of %v of the others: need 0 or more, and 0 to 1", first, rate)
		}
		c.First, c.Rate = first, rate
		return nil
	})
}

// CheckWindow sets how long the same drift is not reported again, [DefaultCheckWindow] by default. At most 1,000 drifts are
// reported in a window.
func CheckWindow(d time.Duration) ContractCheckOption {
	return checkOption(func(c *contract.Config) error {
		if d <= 0 {
			return errors.New("the window of the contract check is not above 0")
		}
		c.Window = d
		return nil
	})
}

// WithContractCheck compares a sample of the JSON answers, stream events and websocket events of this client with the document
// that the SDK is made from, and reports where they do not agree: fields, enum values and events that the document does not have,
// values of another kind or unit, required fields that are missing. docs/drift.md tells how a report becomes a change of the
// document. Without this option nothing is checked and nothing of it is in the program.
//
// The check never fails or changes a call. It runs in the goroutine of the call and starts none, looks at messages of up to 1 MiB,
// and reads the document (some milliseconds, once in a process) when the first answer comes. report is called in the goroutine of
// the call too, by several at once: it must be safe for that and return soon. Its panics are contained. Clients made by
// [Client.As] share the check.
func WithContractCheck(report func(Drift), opts ...ContractCheckOption) ClientOption {
	return clientOption(func(c *config) error {
		if report == nil {
			return errors.New("the report function of the contract check is nil")
		}
		cfg := contract.Config{Report: report, First: DefaultCheckFirst, Rate: DefaultCheckRate, Window: DefaultCheckWindow}
		for _, o := range opts {
			if err := o.applyCheck(&cfg); err != nil {
				return err
			}
		}
		c.transport.Inspector = contract.New(cfg)
		return nil
	})
}

// DriftLog returns a function for [WithContractCheck] that writes each drift to w as a line of JSON: what `make drift-patch`
// reads. It is safe for concurrent use: each line is one Write, one at a time. Errors of w are dropped, as a log cannot fail a call.
func DriftLog(w io.Writer) func(Drift) {
	var mu sync.Mutex
	return func(d Drift) {
		line, err := json.Marshal(d)
		if err != nil {
			return // cannot be: a Drift holds strings and a time of this century
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = w.Write(append(line, '\n'))
	}
}
