package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var extensionRules = []Rule{
	{
		Name:   "extension",
		Reason: "An extension that nobody reads is a slip of the pen, and what it was to say is lost.",
		check:  checkExtensions,
	},
	{
		Name:   "permission",
		Reason: "x-coze-permission is printed as it is, so it is the permission's name, or several joined with \" + \".",
		check:  checkPermissions,
	},
	{
		Name:   "retry",
		Reason: "x-coze-retry decides whether a call is sent again: always said, safe for GET, never safe for PUT and DELETE.",
		check:  checkRetries,
	},
	{
		Name:   "profiles",
		Reason: "The support matrix has a word on each of cn, com and studio: served, unserved or unknown.",
		check:  checkProfiles,
	},
	{
		Name:   "timeout",
		Reason: "x-coze-timeout is the seconds of one try, 1 to 3600; a pure stream has no total limit.",
		check:  checkTimeouts,
	},
	{
		Name:   "error-codes",
		Reason: "x-coze-errors links an operation to api/errors.yaml; a code that is not there explains nothing.",
		check:  checkErrorCodes,
	},
	{
		Name:   "cancel",
		Reason: "x-coze-cancel names the operation that stops what this one started.",
		check:  checkCancel,
	},
}

// Extensions that somebody reads, by where they stand.
var (
	rootExtensions      = []string{"x-coze-streams", "x-coze-sockets"}
	operationExtensions = []string{
		"x-coze-service", "x-coze-method", "x-coze-permission", "x-coze-profiles", "x-coze-retry", "x-coze-timeout", "x-coze-errors",
		"x-coze-paging", "x-coze-sse", "x-coze-cancel",
	}
	parameterExtensions = []string{"x-coze-sensitive"}
	schemaExtensions    = []string{"x-coze-sensitive", "x-enum-varnames", "x-go-type", "x-go-type-import"}
)

func checkExtensions(d *Document, report reporter) {
	check := func(n *yaml.Node, known []string) {
		for k := range fields(n) {
			if strings.HasPrefix(k.Value, "x-") && !slices.Contains(known, k.Value) {
				report(k, "nothing reads %s here", k.Value)
			}
		}
	}
	check(d.root, rootExtensions)
	for _, o := range d.all() {
		check(o.node, operationExtensions)
		for _, p := range list(get(o.node, "parameters")) {
			check(p, parameterExtensions)
		}
	}
	for _, s := range d.sites {
		check(s.node, schemaExtensions)
	}
}

var permission = regexp.MustCompile(`^[A-Za-z][\w.]*( \+ [A-Za-z][\w.]*)*$`)

func checkPermissions(d *Document, report reporter) {
	for _, o := range d.Operations {
		p := get(o.node, "x-coze-permission")
		if p != nil && (!isString(p) || !permission.MatchString(p.Value)) {
			report(p, "%s: x-coze-permission is not a name or names joined with \" + \"", o)
		}
	}
}

func checkRetries(d *Document, report reporter) {
	for _, o := range d.Operations {
		retry := text(o.node, "x-coze-retry")
		at := keyOf(o.node, "x-coze-retry")
		safe := retry == "safe"
		switch {
		case !slices.Contains([]string{"safe", "before-response", "never"}, retry):
			report(at, "%s: x-coze-retry is %q, not safe, before-response or never", o, retry)
		case o.method == "get" && !safe:
			report(at, "%s: a GET is safe to send again, not %s", o, retry)
		case (o.method == "put" || o.method == "delete") && safe:
			report(at, "%s: a %s changes something and is not safe to send again", o, strings.ToUpper(o.method))
		}
	}
}

func checkProfiles(d *Document, report reporter) {
	servers := []string{"cn", "com", "studio"}
	for _, o := range d.Operations {
		profiles, at := get(o.node, "x-coze-profiles"), keyOf(o.node, "x-coze-profiles")
		for _, s := range servers {
			if v := text(profiles, s); !slices.Contains([]string{"served", "unserved", "unknown"}, v) {
				report(at, "%s: x-coze-profiles says %q of %s, not served, unserved or unknown", o, v, s)
			}
		}
		for k := range fields(profiles) {
			if !slices.Contains(servers, k.Value) {
				report(k, "%s: x-coze-profiles has an unknown server %s", o, k.Value)
			}
		}
	}
}

const maxTimeout = 3600 // seconds

func checkTimeouts(d *Document, report reporter) {
	for _, o := range d.Operations {
		n := get(o.node, "x-coze-timeout")
		if n == nil {
			continue
		}
		seconds, err := strconv.Atoi(n.Value)
		if err != nil || !isInteger(n) || seconds < 1 || seconds > maxTimeout {
			report(n, "%s: x-coze-timeout is not a whole number of seconds from 1 to %d", o, maxTimeout)
		} else if sse := get(o.node, "x-coze-sse"); sse != nil && get(sse, "switch") == nil {
			report(n, "%s: it only streams, and streams have no total limit", o)
		}
	}
}

func checkErrorCodes(d *Document, report reporter) {
	for _, o := range d.Operations {
		if n := get(o.node, "x-coze-errors"); n != nil {
			d.checkCodes(o.String(), n, report)
		}
	}
}

// checkCodes looks up a list of codes in errors.yaml.
func (d *Document) checkCodes(what string, n *yaml.Node, report reporter) {
	if len(list(n)) == 0 {
		report(n, "%s: the codes are no list", what)
	}
	seen := map[string]bool{}
	for _, item := range list(n) {
		code, err := strconv.Atoi(item.Value)
		known := func(r codeRange) bool { return r.from <= code && code <= r.to }
		switch {
		case err != nil || !isInteger(item):
			report(item, "%s: code %q is not a whole number", what, item.Value)
		case !slices.ContainsFunc(d.codes, known):
			report(item, "%s: errors.yaml has no code %d", what, code)
		case seen[item.Value]:
			report(item, "%s: code %d is listed twice", what, code)
		}
		seen[item.Value] = true
	}
}

func checkCancel(d *Document, report reporter) {
	for _, o := range d.Operations {
		n := get(o.node, "x-coze-cancel")
		if n == nil {
			continue
		}
		if !slices.ContainsFunc(d.Operations, func(other *operation) bool { return other.id == n.Value }) {
			report(n, "%s: x-coze-cancel names no operation: %q", o, n.Value)
		}
	}
}
