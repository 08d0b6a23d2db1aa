package picture

import (
	"errors"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	// childName is the name, in place of the program's, that makes a process the child.
	childName = "parley-picture"

	// memorySlack is what a child may have above the estimate: the runtime's own memory and
	// garbage.
	memorySlack = 24 << 20

	watchInterval = 5 * time.Millisecond

	// exitRejected is the exit status for the first of rejections. 1 and 2 are the Go
	// runtime's own.
	exitRejected = 10
)

// rejections are the errors that the child reports by its exit status.
var rejections = []error{
	ErrEmpty,
	ErrTooManyBytes,
	ErrTooManyPixels,
	ErrTooCostly,
	ErrDamaged,
	ErrFormat,
}

// childLimits are the limits of a child, which are its arguments.
type childLimits struct {
	memory int64         // in bytes
	time   time.Duration // of the processor
}

func parseLimits(args []string) (l childLimits, err error) {
	var err1, err2 error
	l.memory, err1 = strconv.ParseInt(args[0], 10, 64)
	l.time, err2 = time.ParseDuration(args[1])
	return l, errors.Join(err1, err2)
}

// init makes every program that has this package the child if it is started as one: the
// tests' programs too, which would otherwise run their tests.
func init() {
	if len(os.Args) == 3 && os.Args[0] == childName {
		os.Exit(runChild(os.Args[1:], os.Stdin, os.Stdout))
	}
}

// runChild converts the file of in, and returns the exit status.
func runChild(args []string, in io.Reader, out io.Writer) int {
	limits, err := parseLimits(args)
	if err != nil {
		return exitStatus(err)
	}

	limits.memory += memorySlack
	debug.SetMemoryLimit(limits.memory)
	limitProcess(limits)
	go watch(limits)

	file := make([]byte, MaxBytes+1)
	n, err := io.ReadFull(in, file)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return exitStatus(err)
	}

	picture, err := recovered(file[:n])
	if err == nil {
		_, err = out.Write(picture)
	}

	return exitStatus(err)
}

// recovered turns a panic of a decoder into ErrDamaged.
func recovered(file []byte) (picture []byte, err error) {
	defer func() {
		if recover() != nil {
			err = ErrDamaged
		}
	}()
	return square(file)
}

func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	if i := slices.Index(rejections, err); i >= 0 {
		return exitRejected + i
	}
	return 1
}

// watch ends the process when it exceeds its processor time or its memory. Without it the
// kernel does so, with coarser limits, on Linux.
func watch(limits childLimits) {
	sample := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}

	for range time.Tick(watchInterval) {
		metrics.Read(sample)
		memory := int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
		if memory > limits.memory || processorTime() > limits.time {
			os.Exit(exitStatus(ErrTooCostly))
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
