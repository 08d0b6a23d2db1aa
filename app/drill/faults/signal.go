package faults

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// SignalTree sends a signal to a process and all of its descendants, parents
// first. Process groups would not do, because each of PostgreSQL's processes is
// in a group of its own. A process that has ended is no error.
func SignalTree(pid int, signal syscall.Signal) error {
	if err := send(pid, syscall.SIGSTOP); err != nil { // a stopped process starts no more children
		return err
	}

	children, listed := descendants(pid)

	err := send(pid, signal)
	for _, child := range children {
		err = errors.Join(err, send(child, signal))
	}

	return errors.Join(err, listed)
}

func send(pid int, signal syscall.Signal) error {
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%v to process %d: %w", signal, pid, err)
	}

	return nil
}

// descendants lists the processes below root, parents first. It must run before
// root ends, because its children then get another parent.
func descendants(root int) ([]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}

	children := map[int][]int{}

	for line := range strings.Lines(string(out)) {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}

	pids := []int{root}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children[pids[i]]...)
	}

	return pids[1:], nil
}
