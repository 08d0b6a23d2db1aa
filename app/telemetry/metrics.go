package telemetry

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/app/chat"
	"parley/app/status"
)

// Sources are what is read when somebody looks, so that nothing has to be counted twice. All of them are needed.
type Sources struct {
	Streams       func() int
	Queued        func() int64
	Stalled       func() uint64
	SendsInFlight func() int
	AuthorityHits func() (hits, misses uint64)
	Dependencies  func() []status.Dependency
	Database      func() Pool
	Redis         func() Pool
	DatabaseWaits func() uint64 // for a connection
	RedisTimeouts func() uint64 // no connection in time
}

// Pool is one of connections.
type Pool struct{ InUse, Idle, Most int }

// Metrics counts and measures what a replica does. It implements the rooms' watches. Safe for concurrent use.
type Metrics struct {
	replica, version string
	started          time.Time
	sources          Sources
	registry         *prometheus.Registry

	sends    map[chat.Result]prometheus.Counter
	acks     timing
	publish  timing
	hops     map[string]timing
	failures *prometheus.CounterVec // of appends and publishes
	requests *prometheus.CounterVec
	answered *prometheus.HistogramVec
	rows     prometheus.Histogram
	stores   prometheus.Histogram
	dead     prometheus.Counter
	assigned prometheus.Gauge

	mu     sync.Mutex // guards the fields below
	writer WriterFigures
	lag    map[int32]int64
	sent   map[chat.Result]uint64
	buried uint64
}

// timing is one duration: for Prometheus, and of the last minute.
type timing struct {
	histogram prometheus.Histogram
	recent    *recent
}

func (t timing) observe(took time.Duration) {
	took = max(0, took) // of two machines' clocks
	t.histogram.Observe(took.Seconds())
	t.recent.add(time.Now(), took)
}

// Hops of a message's way.
const (
	hopAcked     = "acked"     // sent_at to acknowledged by the log
	hopPublished = "published" // acknowledged to published
	hopDelivered = "delivered" // sent_at to a replica's streams
	hopStored    = "stored"    // sent_at to stored
)

// Buckets of durations: from a tenth of a millisecond to ten seconds; what is stored may wait for an outage to end.
func buckets() []float64        { return prometheus.ExponentialBucketsRange(0.0001, 10, 16) }
func patientBuckets() []float64 { return prometheus.ExponentialBucketsRange(0.001, 1000, 19) }

// NewMetrics makes a replica's, whose name is its host:port.
func NewMetrics(replica, version string, sources Sources) *Metrics {
	m := &Metrics{
		replica: replica, version: version, started: time.Now(), sources: sources, registry: prometheus.NewRegistry(),
		sends: map[chat.Result]prometheus.Counter{}, sent: map[chat.Result]uint64{}, hops: map[string]timing{},
	}
	sends := counters("sends_total", "Sends by result.", "result")
	m.registry.MustRegister(sends)
	for _, r := range chat.Results() { // each is there from the start: an alert needs its 0
		m.sends[r] = sends.WithLabelValues(string(r))
	}
	m.acks = m.timing("ack_seconds", "From a message's produce to the log's acknowledgement.")
	m.publish = m.timing("publish_seconds", "From the acknowledgement until Redis had the message.")
	hops := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "parley", Name: "hop_seconds", Help: "Time of a message's hops.", Buckets: patientBuckets()}, []string{"hop"})
	m.registry.MustRegister(hops)
	for _, hop := range []string{hopAcked, hopPublished, hopDelivered, hopStored} {
		m.hops[hop] = timing{hops.WithLabelValues(hop).(prometheus.Histogram), &recent{}}
	}
	m.failures = counters("failures_total", "Messages that the log didn't acknowledge, or Redis didn't take.", "part")
	m.failures.WithLabelValues("kafka")
	m.failures.WithLabelValues("redis")
	m.requests = counters("http_requests_total", "Requests by route and class of status.", "method", "route", "status")
	m.answered = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "parley", Name: "http_request_seconds", Help: "Time to an answer, by route; of streams, to their head.",
		Buckets: prometheus.ExponentialBucketsRange(0.0005, 10, 10)}, []string{"route"})
	m.rows = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "parley", Name: "writer_batch_rows", Help: "Messages of a batch.", Buckets: prometheus.ExponentialBuckets(1, 4, 7)})
	m.stores = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "parley", Name: "writer_batch_seconds", Help: "Time of a batch's transaction.", Buckets: buckets()})
	m.dead = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "parley", Name: "dead_letters_total", Help: "Records that couldn't be stored."})
	m.assigned = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "parley", Name: "writer_partitions", Help: "Partitions that this replica's writer has."})
	m.registry.MustRegister(m.failures, m.requests, m.answered, m.rows, m.stores, m.dead, m.assigned, &looked{m},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "parley", Name: name, Help: help}, labels)
}

func (m *Metrics) timing(name, help string) timing {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "parley", Name: name, Help: help, Buckets: buckets()})
	m.registry.MustRegister(h)
	return timing{h, &recent{}}
}

// Handler answers in Prometheus' formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Sent counts.
func (m *Metrics) Sent(result chat.Result) {
	m.sends[result].Inc()
	m.mu.Lock()
	m.sent[result]++
	m.mu.Unlock()
}

// Appended measures what the log took.
func (m *Metrics) Appended(message chat.Message, began time.Time, err error) {
	if err != nil {
		m.failures.WithLabelValues("kafka").Inc()
		return
	}
	m.acks.observe(time.Since(began))
	m.hops[hopAcked].observe(since(message))
}

// Published measures what Redis took.
func (m *Metrics) Published(_ chat.Message, began time.Time, ok bool) {
	if !ok {
		m.failures.WithLabelValues("redis").Inc()
		return
	}
	took := time.Since(began)
	m.publish.observe(took)
	m.hops[hopPublished].observe(took)
}

// Delivered measures how long a message took to be here.
func (m *Metrics) Delivered(message chat.Message) { m.hops[hopDelivered].observe(since(message)) }

// Stored measures a batch.
func (m *Metrics) Stored(messages []chat.Message, began, ended time.Time) {
	took := ended.Sub(began)
	m.rows.Observe(float64(len(messages)))
	m.stores.Observe(took.Seconds())
	for _, message := range messages {
		m.hops[hopStored].observe(ended.Sub(message.SentAt.Time))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writer.Batches++
	m.writer.Rows += uint64(len(messages))
	m.writer.LastRows, m.writer.LastTook, m.writer.LastAt = len(messages), took, ended
}

// StoredDirect measures a message that no batch had.
func (m *Metrics) StoredDirect(message chat.Message, ended time.Time) {
	m.hops[hopStored].observe(ended.Sub(message.SentAt.Time))
}

// Buried counts a dead letter.
func (m *Metrics) Buried() {
	m.dead.Inc()
	m.mu.Lock()
	m.buried++
	m.mu.Unlock()
}

// Assigned keeps how many partitions the writer has.
func (m *Metrics) Assigned(partitions int) {
	m.assigned.Set(float64(partitions))
	m.mu.Lock()
	m.writer.Partitions = partitions
	m.mu.Unlock()
}

// Lag keeps what waits in the log; nil: unknown.
func (m *Metrics) Lag(byPartition map[int32]int64) {
	m.mu.Lock()
	m.lag = byPartition
	m.mu.Unlock()
}

// Requested counts a request, by the route's pattern: never by what stands in its place.
func (m *Metrics) Requested(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	m.answered.WithLabelValues(route).Observe(took.Seconds())
}

func since(m chat.Message) time.Duration { return time.Since(m.SentAt.Time) }
