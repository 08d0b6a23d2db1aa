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

// limitProcess has the kernel end this process one second above its limit of processor time,
// or when its address space has grown by more than its limit of memory and addressSlack. When
// the machine is out of memory, the kernel ends this process first. A refusal of these limits
// is no error, because watch has its own.
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
