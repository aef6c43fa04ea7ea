// Command bench prints how fast cozekit is beside its peers. All contestants of a comparison run by turns in one process;
// the table gives the ratio of the medians, because absolute times depend on the machine.
//
//	go run . [-rounds 7] [-time 150ms]
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 7, "how often each contestant runs; the median counts")
	span := flag.Duration("time", 150*time.Millisecond, "how long each run takes")
	flag.Parse()
	ok := true
	for _, c := range []comparison{streamDecoding(), workflowDecoding(), streamFraming(), unaryCall(), audioEncoding(), audioDecoding()} {
		r := c.measure(*rounds, *span)
		r.print(os.Stdout)
		ok = r.check(os.Stdout) && ok
		fmt.Println()
	}
	if !ok {
		os.Exit(1)
	}
}
