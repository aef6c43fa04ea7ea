package main

import "testing"

// TestCallsUnderFaults is a small run of the load, for the race detector: the programs themselves run without it.
func TestCallsUnderFaults(t *testing.T) {
	if text, kept := callsUnderFaults(64, 2000); !kept {
		t.Error(text)
	}
}
