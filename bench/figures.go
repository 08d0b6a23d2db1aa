package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// figures are what a replica tells on its operators' listener: by name, those of one name and several labels added up.
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

func (l *local) figures() (figures, error) {
	res, err := http.Get("http://" + l.operators + "/metrics")
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

// mib is a figure of bytes.
func (f figures) mib(name string) float64 { return f[name] / (1 << 20) }
