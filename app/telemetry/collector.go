package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// looked are the figures that exist by themselves and are read when somebody looks.
type looked struct{ m *Metrics }

// Describe tells nothing: which parts and partitions there are is only known then.
func (l *looked) Describe(chan<- *prometheus.Desc) {}

// Collect reads them.
func (l *looked) Collect(to chan<- prometheus.Metric) {
	tell := func(kind prometheus.ValueType, name, help string, value float64, labels ...string) { // labels: name and value by turns
		var names, values []string
		for i := 0; i < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		to <- prometheus.MustNewConstMetric(prometheus.NewDesc("parley_"+name, help, names, nil), kind, value, values...)
	}
	s := l.m.sources
	tell(prometheus.GaugeValue, "info", "1; which replica this is.", 1, "replica", l.m.replica, "version", l.m.version)
	tell(prometheus.GaugeValue, "start_time_seconds", "When the replica started.", float64(l.m.started.UnixMilli())/1000)
	tell(prometheus.GaugeValue, "streams", "Open streams.", float64(s.Streams()))
	tell(prometheus.GaugeValue, "stream_queued_bytes", "Bytes that wait for readers of streams.", float64(s.Queued()))
	tell(prometheus.CounterValue, "stalled_readers_total", "Streams closed because nobody read them.", float64(s.Stalled()))
	tell(prometheus.GaugeValue, "sends_in_flight", "Sends under way.", float64(s.SendsInFlight()))
	hits, misses := s.AuthorityHits()
	tell(prometheus.CounterValue, "authority_cache_total", "Sessions and memberships found in this replica, or asked of the store.", float64(hits), "answer", "hit")
	tell(prometheus.CounterValue, "authority_cache_total", "Sessions and memberships found in this replica, or asked of the store.", float64(misses), "answer", "miss")
	for _, mode := range s.Dependencies() {
		away, lasted := 0.0, mode.Lasted
		if !mode.Since.IsZero() {
			away = 1
			lasted += time.Since(mode.Since)
		}
		tell(prometheus.GaugeValue, "mode_down", "1 while this replica can't reach the part.", away, "part", mode.Name)
		tell(prometheus.CounterValue, "mode_entered_total", "How often the part went away.", float64(mode.Entered), "part", mode.Name)
		tell(prometheus.CounterValue, "mode_down_seconds_total", "How long it was away.", lasted.Seconds(), "part", mode.Name)
	}
	for part, pool := range map[string]Pool{"postgres": s.Database(), "redis": s.Redis()} {
		tell(prometheus.GaugeValue, "pool_connections", "Connections of the pool.", float64(pool.InUse), "part", part, "state", "in_use")
		tell(prometheus.GaugeValue, "pool_connections", "Connections of the pool.", float64(pool.Idle), "part", part, "state", "idle")
		tell(prometheus.GaugeValue, "pool_connections_most", "How many it may have.", float64(pool.Most), "part", part)
	}
	tell(prometheus.CounterValue, "pool_waits_total", "How often a connection had to be waited for; of Redis, in vain.", float64(s.DatabaseWaits()), "part", "postgres")
	tell(prometheus.CounterValue, "pool_waits_total", "How often a connection had to be waited for; of Redis, in vain.", float64(s.RedisTimeouts()), "part", "redis")
	lag := l.m.lagNow()
	known := 0.0
	if lag != nil {
		known = 1
	}
	tell(prometheus.GaugeValue, "writer_lag_known", "1 while the brokers tell the lag.", known)
	for partition, n := range lag {
		tell(prometheus.GaugeValue, "writer_lag", "Records of the log that no writer has stored yet: the whole group's, whoever tells it.", float64(n), "partition", strconv.Itoa(int(partition)))
	}
}
