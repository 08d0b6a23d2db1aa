package cli

import (
	"os"
	"runtime"
)

// spareProcessor lets one more goroutine run at once than there are processors, unless GOMAXPROCS says how many. librdkafka's events are waited for in C, and
// whoever waits there keeps a place of Go's until the runtime notices, which takes up to 20 ms: with one processor nothing else runs meanwhile.
func spareProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
