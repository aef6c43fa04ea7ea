// Command load shows how the SDK behaves under fire: calls with injected faults, many open streams and voice sessions, a
// large upload. It talks to servers of its own on loopback only, and fails when a promise is not kept.
//
//	go run ./load [-callers 64] [-calls 10000] [-streams 5000] [-sessions 500] [-upload 512] [-profiles DIR]
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	callers := flag.Int("callers", 64, "goroutines that call")
	calls := flag.Int("calls", 10_000, "calls in all, half of them reads, half creates")
	streams := flag.Int("streams", 5000, "streams open at once")
	sessions := flag.Int("sessions", 500, "voice sessions open at once")
	upload := flag.Int64("upload", 512, "size of the upload in MiB")
	profiles := flag.String("profiles", "", "keep load.cpu.pprof and load.heap.pprof in this folder")
	flag.Parse()
	keep := profile(*profiles)
	ok := true
	for _, part := range []func() (string, bool){
		func() (string, bool) { return callsUnderFaults(*callers, *calls) },
		func() (string, bool) { return openStreams(*streams) },
		func() (string, bool) { return openSessions(*sessions) },
		func() (string, bool) { return frameLatency(2000) },
		func() (string, bool) { return largeUpload(*upload << 20) },
	} {
		text, kept := part()
		fmt.Println(text)
		ok = ok && kept
	}
	keep()
	if !ok {
		fmt.Println("load: a promise was NOT kept")
		os.Exit(1)
	}
	fmt.Println("load: all promises kept")
}

// verdict is the word for a promise.
func verdict(kept bool) string {
	if kept {
		return "kept"
	}
	return "NOT KEPT"
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
