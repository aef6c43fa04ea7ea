package inventory

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// licenceIn recognises the licence of a module by the sentences that make it, and refuses what it does not know: somebody has
// to read it then.
func licenceIn(dir string) (string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		name := strings.ToUpper(f.Name())
		if f.IsDir() || !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		if licence := recognise(string(raw)); licence != "" {
			return licence, nil
		}
		return "", fmt.Errorf("the licence in %s is not known", f.Name())
	}
	return "", fmt.Errorf("no licence file")
}

func recognise(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(sentence string) bool { return strings.Contains(text, sentence) }
	bsd := has("Redistribution and use in source and binary forms")
	switch {
	case has("GNU GENERAL PUBLIC LICENSE"), has("GNU LESSER GENERAL"), has("GNU AFFERO"):
		return ""
	case has("Apache License Version 2.0"):
		return "Apache-2.0"
	case bsd && has("Neither the name"):
		return "BSD-3-Clause"
	case bsd:
		return "BSD-2-Clause"
	case has("Permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	case has("Permission to use, copy, modify, and/or distribute this software for any purpose"),
		has("Permission to use, copy, modify, and distribute this software for any purpose"):
		return "ISC"
	}
	return ""
}
