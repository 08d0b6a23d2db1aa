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

	gauge("build_info", "Always 1; its labels are the replica and its version.", 1, "replica", c.m.replica, "version", c.m.version)
	gauge("start_time_seconds", "Time of the replica's start, in Unix time.", float64(c.m.started.UnixMilli())/1000)
	gauge("streams", "Open streams.", float64(s.Streams()))
	gauge("stream_queued_bytes", "Bytes queued for streams.", float64(s.Queued()))
	counter("stalled_readers_total", "Streams closed because the client didn't read.", float64(s.Stalled()))
	gauge("sends_in_flight", "Sends in flight.", float64(s.SendsInFlight()))

	hits, misses := s.CacheHits()
	const cacheHelp = "Sessions and memberships found in this replica's cache, or read elsewhere."
	counter("access_cache_total", cacheHelp, float64(hits), "answer", "hit")
	counter("access_cache_total", cacheHelp, float64(misses), "answer", "miss")

	for _, d := range s.Dependencies() {
		down, total := 0.0, d.Lasted
		if !d.Since.IsZero() {
			down = 1
			total += time.Since(d.Since)
		}
		gauge("dependency_down", "1 while the dependency is down for this replica.", down, "dependency", d.Name)
		counter("dependency_outages_total", "Outages of the dependency since the start.", float64(d.Entered), "dependency", d.Name)
		counter("dependency_down_seconds_total", "Total duration of the outages.", total.Seconds(), "dependency", d.Name)
	}

	current := 0.0
	if s.SchemaCurrent() {
		current = 1
	}
	gauge("schema_current", "0 while PostgreSQL answers and its schema is older than this program.", current)
	for name, pool := range map[string]Pool{"postgres": s.Postgres(), "redis": s.Redis()} {
		const help = "Connections of the pool."
		gauge("pool_connections", help, float64(pool.InUse), "dependency", name, "state", "in_use")
		gauge("pool_connections", help, float64(pool.Idle), "dependency", name, "state", "idle")
		gauge("pool_connections_max", "Limit of the pool.", float64(pool.Max), "dependency", name)
		counter("pool_waits_total", "Waits for a connection; of Redis, those that timed out.",
			float64(pool.Waits), "dependency", name)
	}

	c.collectBacklog(gauge)
}

// collectBacklog exports what waits in the log. Each replica reports the whole group's.
func (c *scrapeCollector) collectBacklog(gauge func(name, help string, value float64, labels ...string)) {
	b := c.m.LastBacklog()
	known := 0.0
	if b.Partitions != nil {
		known = 1
	}
	gauge("writer_lag_known", "1 while the brokers report the lag.", known)

	for number, p := range b.Partitions {
		partition := strconv.Itoa(int(number))
		gauge("writer_lag", "Records of the log that are not stored yet, of the whole group: each replica reports the same.",
			float64(p.Records), "partition", partition)

		age, paused := 0.0, 0.0
		if !p.Oldest.IsZero() {
			age = max(0, time.Since(p.Oldest).Seconds())
		}
		if p.Paused != "" {
			paused = 1
		}
		gauge("oldest_unstored_seconds", "Age of the partition's oldest record that no writer has stored yet.",
			age, "partition", partition)
		gauge("partition_paused", "1 while no writer can read the partition's oldest record that is not stored.",
			paused, "partition", partition)
	}

	if b.DeadLetters >= 0 {
		gauge("dead_letters_waiting", "Dead letters that wait for a decision.", float64(b.DeadLetters))
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
