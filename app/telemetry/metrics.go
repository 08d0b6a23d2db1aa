// Package telemetry exports what a replica does: metrics for Prometheus, traces for
// OpenTelemetry, and log lines with the id of their request.
package telemetry

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/app/chat"
	"parley/app/status"
)

// namespace is the prefix of the metrics' names.
const namespace = "parley"

// Metrics counts and measures what a replica does. Safe for concurrent use.
type Metrics struct {
	replica, version string
	started          time.Time
	sources          Sources
	registry         *prometheus.Registry

	sends          map[chat.Result]prometheus.Counter
	acks           latency
	publishes      latency
	hops           map[string]latency
	failures       *prometheus.CounterVec // of appends and publishes
	signIns        *prometheus.CounterVec
	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	batchRows      prometheus.Histogram
	batchSeconds   prometheus.Histogram
	deadLetters    prometheus.Counter
	assigned       prometheus.Gauge

	mu              sync.Mutex // guards the fields below, which Snapshot reads
	writer          WriterFigures
	backlog         status.Backlog
	sendCounts      map[chat.Result]uint64
	deadLetterCount uint64
}

// The hops of a message's path. Each is a label of parley_hop_seconds.
const (
	hopAcked     = "acked"     // from sent_at to acknowledged by the log
	hopPublished = "published" // from acknowledged to published
	hopDelivered = "delivered" // from sent_at to a replica's streams
	hopStored    = "stored"    // from sent_at to stored
)

// The buckets of durations, in seconds. Their bounds are round numbers, so that a
// service level can name one (100 ms, 500 ms, 1 s). Hops have larger ones, because a
// message may wait for the end of an outage until it is stored.
var (
	durationBuckets = []float64{
		0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
	}
	hopBuckets = []float64{
		0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800,
	}
	requestBuckets = []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}
	rowBuckets     = []float64{1, 5, 10, 50, 100, 500, 1000, 5000}
)

// NewMetrics returns the metrics of a replica. replica is its name, host:port.
func NewMetrics(replica, version string, sources Sources) *Metrics {
	m := &Metrics{
		replica:    replica,
		version:    version,
		started:    time.Now(),
		sources:    sources,
		registry:   prometheus.NewRegistry(),
		backlog:    status.Backlog{DeadLetters: -1},
		sends:      map[chat.Result]prometheus.Counter{},
		hops:       map[string]latency{},
		sendCounts: map[chat.Result]uint64{},

		failures: counters("failures_total",
			"Messages that Kafka didn't acknowledge, or Redis rejected.", "dependency"),
		signIns: counters("sign_ins_total",
			"Sign-ins by provider and result.", "provider", "result"),
		requests: counters("http_requests_total",
			"Requests by route and status code.", "method", "route", "status"),
		requestSeconds: histograms("http_request_seconds",
			"Time to an answer, by route; of streams, to their head.", requestBuckets, "route"),
		batchRows: histogram("writer_batch_rows",
			"Messages of a batch.", rowBuckets),
		batchSeconds: histogram("writer_batch_seconds",
			"Time of a batch's transaction.", durationBuckets),
		deadLetters: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace,
			Name:      "dead_letters_total",
			Help:      "Records that couldn't be stored and were dead-lettered.",
		}),
		assigned: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace,
			Name:      "writer_partitions",
			Help:      "Partitions that are assigned to this replica's writer.",
		}),
	}

	sends := counters("sends_total", "Sends by result.", "result")
	for _, r := range chat.Results() { // from the start, because an alert needs their 0
		m.sends[r] = sends.WithLabelValues(string(r))
	}

	m.failures.WithLabelValues("kafka")
	m.failures.WithLabelValues("redis")

	acks := histogram("ack_seconds",
		"From a message's produce to the log's acknowledgement.", durationBuckets)
	publishes := histogram("publish_seconds",
		"From the acknowledgement to the publication in Redis.", durationBuckets)
	m.acks, m.publishes = newLatency(acks), newLatency(publishes)

	hops := histograms("hop_seconds", "Time of a message's hops.", hopBuckets, "hop")
	for _, hop := range []string{hopAcked, hopPublished, hopDelivered, hopStored} {
		m.hops[hop] = newLatency(hops.WithLabelValues(hop).(prometheus.Histogram))
	}

	m.registry.MustRegister(
		sends, acks, publishes, hops,
		m.failures, m.signIns, m.requests, m.requestSeconds,
		m.batchRows, m.batchSeconds, m.deadLetters, m.assigned,
		&scrapeCollector{m},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// SetProviders creates the series of the providers of sign-ins, because an alert needs
// their 0.
func (m *Metrics) SetProviders(providers ...string) {
	for _, p := range providers {
		for _, r := range chat.SignInResults() {
			m.signIns.WithLabelValues(p, string(r))
		}
	}
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(histogramOpts(name, help, buckets))
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(histogramOpts(name, help, buckets), labels)
}

func histogramOpts(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}
}

// Handler serves the metrics in Prometheus' formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
