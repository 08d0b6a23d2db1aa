package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeCollector exports the figures of the Sources, and the lag. It reads them at
// each scrape.
type scrapeCollector struct{ m *Metrics }

// Describe sends no descriptions, because the labels are known only at a scrape. So
// the registry does not check this collector.
func (c *scrapeCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the current figures.
func (c *scrapeCollector) Collect(to chan<- prometheus.Metric) {
	gauge, counter := exporter(to, prometheus.GaugeValue), exporter(to, prometheus.CounterValue)
	s := c.m.sources

	gauge("info", "1; which replica this is.", 1, "replica", c.m.replica, "version", c.m.version)
	gauge("start_time_seconds", "When the replica started.", float64(c.m.started.UnixMilli())/1000)
	gauge("streams", "Open streams.", float64(s.Streams()))
	gauge("stream_queued_bytes", "Bytes that wait for readers of streams.", float64(s.Queued()))
	counter("stalled_readers_total", "Streams closed because nobody read them.", float64(s.Stalled()))
	gauge("sends_in_flight", "Sends under way.", float64(s.SendsInFlight()))

	hits, misses := s.CacheHits()
	const cacheHelp = "Sessions and memberships found in this replica, or asked of the store."
	counter("authority_cache_total", cacheHelp, float64(hits), "answer", "hit")
	counter("authority_cache_total", cacheHelp, float64(misses), "answer", "miss")

	for _, d := range s.Dependencies() {
		down, total := 0.0, d.Lasted
		if !d.Since.IsZero() {
			down = 1
			total += time.Since(d.Since)
		}
		gauge("mode_down", "1 while this replica can't reach the part.", down, "part", d.Name)
		counter("mode_entered_total", "How often the part went away.", float64(d.Entered), "part", d.Name)
		counter("mode_down_seconds_total", "How long it was away.", total.Seconds(), "part", d.Name)
	}

	for name, pool := range map[string]Pool{"postgres": s.Postgres(), "redis": s.Redis()} {
		const help = "Connections of the pool."
		gauge("pool_connections", help, float64(pool.InUse), "part", name, "state", "in_use")
		gauge("pool_connections", help, float64(pool.Idle), "part", name, "state", "idle")
		gauge("pool_connections_most", "How many it may have.", float64(pool.Max), "part", name)
		counter("pool_waits_total", "How often a connection had to be waited for; of Redis, in vain.",
			float64(pool.Waits), "part", name)
	}

	lag, known := c.m.currentLag(), 0.0
	if lag != nil {
		known = 1
	}

	gauge("writer_lag_known", "1 while the brokers tell the lag.", known)
	for partition, n := range lag {
		gauge("writer_lag", "Records of the log that no writer has stored yet: the whole group's, whoever tells it.",
			float64(n), "partition", strconv.Itoa(int(partition)))
	}
}

// exporter returns a function that sends one metric. Its labels are names and values
// by turns.
func exporter(
	to chan<- prometheus.Metric, kind prometheus.ValueType,
) func(name, help string, value float64, labels ...string) {
	return func(name, help string, value float64, labels ...string) {
		var names, values []string
		for i := 0; i < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		desc := prometheus.NewDesc(namespace+"_"+name, help, names, nil)
		to <- prometheus.MustNewConstMetric(desc, kind, value, values...)
	}
}
