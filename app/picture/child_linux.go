package picture

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// addressSlack is the address space that the Go runtime reserves beyond the memory that it
// uses: whole arenas of 64 MB, and stacks of threads.
const addressSlack = 192 << 20

// limitProcess has the kernel end this process at a second above its limit, or at an
// address space that exceeds today's by its memory and addressSlack, and before any other process when the
// machine is out of memory. A refusal is no error, because watch has limits of its own.
func limitProcess(limits childLimits) {
	seconds := uint64(limits.time/time.Second) + 1
	_ = syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds})
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})

	var pages uint64
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if _, err := fmt.Sscan(string(b), &pages); err == nil {
			space := pages*uint64(os.Getpagesize()) + uint64(limits.memory) + addressSlack
			_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: space, Max: space})
		}
	}

	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0o600)
}
