package main

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// pageCalls is how many of the newest calls the page shows.
const pageCalls = 50

// page shows what the server does, for people.
func (c *control) page(w http.ResponseWriter, _ *http.Request) {
	srv := c.platform.server()
	calls := srv.Calls()
	data := struct {
		Token      string
		Total      int
		Calls      []cozetest.Call // the newest first
		Faults     []cozetest.FaultCount
		Kinds      []cozetest.FaultInfo
		Violations []cozetest.Violation
		Deviations []cozetest.Deviation
	}{srv.Token(), len(calls), nil, srv.Faults(), cozetest.FaultKinds(), srv.Violations(), srv.Deviations()}
	for i := len(calls) - 1; i >= max(len(calls)-pageCalls, 0); i-- {
		data.Calls = append(data.Calls, calls[i])
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, data)
}
