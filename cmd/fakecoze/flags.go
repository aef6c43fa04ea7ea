package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// flags are the command line.
type flags struct {
	addr       string
	token      string
	seed       uint64
	deltaPause time.Duration
	script     string
	rate       float64
	burst      int
	tls        bool
	certOut    string
	record     string
}

func parseFlags(args []string, stderr io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("fakecoze", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.addr, "addr", "127.0.0.1:8089", "host and port to listen on; port 0 picks a free one")
	set.StringVar(&f.token, "token", "", "bearer token to accept (default: made from the seed, and printed)")
	set.Uint64Var(&f.seed, "seed", 0, "seed of ids, sample values and faults")
	set.DurationVar(&f.deltaPause, "delta-pause", 40*time.Millisecond, "pause between the pieces of an answer")
	set.StringVar(&f.script, "script", "", "YAML file of bots and workflows; see docs/testing.md")
	set.StringVar(&f.record, "record", "", "directory to record what clients ask and get in; see docs/record-replay.md")
	set.Float64Var(&f.rate, "rate", 0, "requests a second of one token, beyond which it is refused; 0 is no limit")
	set.IntVar(&f.burst, "burst", 0, "requests that may come at once under -rate (default: those of a second)")
	set.BoolVar(&f.tls, "tls", false, "serve https with a certificate made for this run")
	set.StringVar(&f.certOut, "tls-cert-out", "", "PEM file to write that certificate to, for clients that shall trust it")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case set.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", set.Arg(0))
	case f.certOut != "" && !f.tls:
		return nil, errors.New("-tls-cert-out needs -tls")
	case f.rate < 0 || f.burst < 0:
		return nil, errors.New("-rate and -burst cannot be negative")
	case f.burst > 0 && f.rate == 0:
		return nil, errors.New("-burst needs -rate")
	}
	if f.burst == 0 {
		f.burst = max(int(f.rate), 1)
	}
	return f, nil
}
