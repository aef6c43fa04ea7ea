package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// profile starts to record what the processor does, until the function that it returns is called, which also writes where the
// memory of the whole run was allocated. Without a folder it does nothing.
func profile(dir string) (keep func()) {
	if dir == "" {
		return func() {}
	}
	must(os.MkdirAll(dir, 0o755))
	cpu, err := os.Create(filepath.Join(dir, "load.cpu.pprof"))
	must(err)
	must(pprof.StartCPUProfile(cpu))
	return func() {
		pprof.StopCPUProfile()
		must(cpu.Close())
		heap, err := os.Create(filepath.Join(dir, "load.heap.pprof"))
		must(err)
		runtime.GC()
		must(pprof.Lookup("allocs").WriteTo(heap, 0))
		must(heap.Close())
		fmt.Println("load: profiles are in " + dir)
	}
}
