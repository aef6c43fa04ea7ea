package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPage: docs/dependencies.md lists what is compiled, with versions and licences, and explains each module of the client.
func TestPage(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	modules, err := Read(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Insert(page, modules)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != string(want) {
		t.Error("docs/dependencies.md is out of date; run: go -C tools run ./dependencies")
	}
	why, _, _ := strings.Cut(string(page), begin)
	for _, m := range modules {
		if m.Into == "client" && !strings.Contains(why, "| "+m.Path+" |") {
			t.Errorf("docs/dependencies.md does not say why the client needs %s", m.Path)
		}
	}
}

func TestInsert(t *testing.T) {
	t.Parallel()
	got, err := Insert([]byte("a\n"+begin+"old\n"+end+"b\n"), []Module{{"example.com/m", "v1.2.3", "MIT", "client"}})
	want := "a\n" + begin + "| Module | Version | Licence | Compiled into |\n|---|---|---|---|\n| example.com/m | v1.2.3 | MIT | client |\n" + end + "b\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, page := range []string{"", begin, end, end + begin} {
		if _, err := Insert([]byte(page), nil); err == nil {
			t.Errorf("%q was accepted", page)
		}
	}
}

func TestLicences(t *testing.T) {
	t.Parallel()
	const mit = "Permission is hereby granted, free of charge,\nto any person obtaining a copy of this"
	const bsd = "Redistribution and use in source and binary forms, with or without"
	for text, want := range map[string]string{
		mit: "MIT", bsd: "BSD-2-Clause", bsd + " Neither the name of X": "BSD-3-Clause", "Apache License\n  Version 2.0, January": "Apache-2.0",
		"Permission to use, copy, modify, and distribute this software for any purpose": "ISC",
		"GNU GENERAL PUBLIC LICENSE " + mit:                                             "", "All rights reserved": "",
	} {
		if got := recognise(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	dir := t.TempDir()
	if _, err := licenceIn(dir); err == nil {
		t.Error("a module without a licence was accepted")
	}
	if err := os.WriteFile(filepath.Join(dir, "COPYING.md"), []byte("All rights reserved"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := licenceIn(dir); err == nil {
		t.Errorf("an unknown licence became %q", got)
	}
}
