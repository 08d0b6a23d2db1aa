package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/test/parley"
)

// figures are a replica's metrics by name, those of one name and several labels
// added up.
type figures map[string]float64

// Names of figures.
const (
	openStreams   = "parley_streams"
	stalledTotal  = "parley_stalled_readers_total"
	queuedBytes   = "parley_stream_queued_bytes"
	heapBytes     = "go_memstats_heap_alloc_bytes"
	goroutines    = "go_goroutines"
	openFiles     = "process_open_fds"
	residentBytes = "process_resident_memory_bytes"
)

func scrape(r *parley.Replica) (figures, error) {
	res, err := http.Get("http://" + r.Admin + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics: %s", res.Status)
	}

	f := figures{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil {
			continue // a comment
		}
		name, _, _ = strings.Cut(name, "{")
		f[name] += n
	}
	return f, lines.Err()
}

// mib is a figure of bytes in MiB.
func (f figures) mib(name string) float64 { return f[name] / (1 << 20) }

// settled waits until no stream is open and the goroutines and descriptors are
// back at a level; or, where they stay above it, until nothing has changed for
// 15 seconds, because fasthttp keeps an idle goroutine for ten. Its figure of
// resident memory is what the process keeps then.
func settled(ctx context.Context, r *parley.Replica, level figures) (f figures, err error) {
	var last figures
	unchanged := 0
	for range paced(ctx, 1, 2*time.Minute) {
		if f, err = scrape(r); err != nil {
			return nil, err
		}
		idle := f[openStreams] == 0
		if idle && f[goroutines] <= level[goroutines] && f[openFiles] <= level[openFiles] {
			break
		}
		if last != nil && idle && f[goroutines] == last[goroutines] && f[openFiles] == last[openFiles] {
			unchanged++
		} else {
			unchanged = 0
		}
		if last = f; unchanged == 15 {
			break
		}
	}

	kib, err := settledRSS(r.PID())
	f[residentBytes] = float64(kib << 10)
	return f, errors.Join(err, ctx.Err())
}

// settledRSS waits until the process has returned the memory that it doesn't
// need: until its resident memory, in KiB, has not fallen for ten seconds.
func settledRSS(pid int) (least int, err error) {
	if least, err = rss(pid); err != nil {
		return 0, err
	}
	for quiet := 0; quiet < 10; quiet++ {
		time.Sleep(time.Second)
		now, err := rss(pid)
		if err != nil {
			return 0, err
		}
		if now < least {
			least, quiet = now, 0
		}
	}
	return least, nil
}

// rss returns a process's resident memory in KiB.
func rss(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			return strconv.Atoi(fields[1])
		}
	}
	return 0, errors.New("no VmRSS in /proc/PID/status")
}

// openDescriptors returns how many files a process has open.
func openDescriptors(pid int) int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)) // none: the process has ended
	return len(open)
}
