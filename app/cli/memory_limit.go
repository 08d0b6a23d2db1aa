package cli

import (
	"errors"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"parley/app/picture"
)

// Shares of the container's memory, in percent, for the Go heap.
const (
	heapShare    = 85 // the rest is for librdkafka, stacks and the kernel's buffers
	minHeapShare = 40 // of a container that is too small for the pictures too
)

// setMemoryLimit sets the memory above which the garbage collector works harder (GOMEMLIMIT),
// from the limit of the process' control group. It leaves room for the children that decode
// pictures, which a replica without the role web doesn't have. The environment's GOMEMLIMIT
// takes precedence.
func setMemoryLimit(logger *slog.Logger, servesPeople bool, container memlimit.Provider) {
	if os.Getenv("GOMEMLIMIT") != "" {
		logger.Info("memory limit set", "source", "GOMEMLIMIT", "bytes", debug.SetMemoryLimit(-1))
		return
	}

	total, err := container()
	switch {
	case errors.Is(err, memlimit.ErrNoLimit),
		errors.Is(err, memlimit.ErrNoCgroup),
		errors.Is(err, memlimit.ErrCgroupsNotSupported):
		return
	case err != nil:
		logger.Warn("memory limit of the container unknown: set GOMEMLIMIT", "error", err)
		return
	}

	bytes := heapLimit(int64(total), servesPeople)
	debug.SetMemoryLimit(bytes)
	logger.Info("memory limit set", "source", "container", "container_bytes", total, "bytes", bytes)
}

func heapLimit(total int64, servesPeople bool) int64 {
	limit := total / 100 * heapShare
	if servesPeople {
		limit -= picture.MaxTotalMemory
	}
	return max(limit, total/100*minHeapShare)
}
