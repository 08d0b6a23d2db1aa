package cli

import (
	"os"
	"runtime"
)

// addProc raises GOMAXPROCS by one, unless the environment sets it. librdkafka's
// events are awaited in C, where the waiting goroutine keeps its processor until
// the runtime notices, which takes up to 20 ms: with one processor, no other
// goroutine would run meanwhile.
func addProc() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
