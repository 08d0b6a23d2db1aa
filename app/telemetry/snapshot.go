package telemetry

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// Snapshot returns all figures as they are now. It takes about a millisecond and
// doesn't stop other goroutines.
func (m *Metrics) Snapshot() Figures {
	now := time.Now()
	f := Figures{
		Replica:        m.replica,
		Version:        m.version,
		Started:        m.started,
		Sends:          map[string]uint64{},
		Ack:            m.acks.quantiles(now),
		Publish:        m.publishes.quantiles(now),
		Accepted:       m.hops[hopAcked].quantiles(now),
		Published:      m.hops[hopPublished].quantiles(now),
		Delivered:      m.hops[hopDelivered].quantiles(now),
		Stored:         m.hops[hopStored].quantiles(now),
		Streams:        m.sources.Streams(),
		QueuedBytes:    m.sources.Queued(),
		StalledReaders: m.sources.Stalled(),
		Backlog:        m.LastBacklog(),
		Dependencies:   m.sources.Dependencies(),
		Goroutines:     runtime.NumGoroutine(),
		Heap:           heapBytes(),
		RSS:            residentBytes(),
	}

	f.CacheHits, f.CacheMisses = m.sources.CacheHits()

	m.mu.Lock()
	defer m.mu.Unlock()

	for result, n := range m.sendCounts {
		f.Sends[string(result)] = n
	}

	f.Writer, f.DeadLetters = m.writer, m.deadLetterCount
	return f
}

// heapBytes returns the size of all objects. Unlike runtime.ReadMemStats, it doesn't
// stop other goroutines.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	if metrics.Read(sample); sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// residentBytes returns the process's resident set: the second number of
// /proc/self/statm, in pages. 0 where there is no such file.
func residentBytes() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[1], 10, 64)
	return pages * uint64(os.Getpagesize()) // #nosec G115 -- a page's size
}
