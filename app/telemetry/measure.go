package telemetry

import (
	"maps"
	"strconv"
	"time"

	"parley/app/chat"
	"parley/app/status"
)

// Sent counts a send by its result.
func (m *Metrics) Sent(result chat.Result) {
	m.sends[result].Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sendCounts[result]++
}

// Appended measures the log's acknowledgement of a message, or counts its error.
func (m *Metrics) Appended(message chat.Message, began time.Time, err error) {
	if err != nil {
		m.failures.WithLabelValues("kafka").Inc()
		return
	}
	m.acks.observe(time.Since(began))
	m.hops[hopAcked].observe(sinceSent(message))
}

// Published measures the publication of a message in Redis, or counts its failure.
func (m *Metrics) Published(_ chat.Message, began time.Time, ok bool) {
	if !ok {
		m.failures.WithLabelValues("redis").Inc()
		return
	}
	took := time.Since(began)
	m.publishes.observe(took)
	m.hops[hopPublished].observe(took)
}

// Delivered measures how long a message took to reach this replica's streams.
func (m *Metrics) Delivered(message chat.Message) { m.hops[hopDelivered].observe(sinceSent(message)) }

// Stored measures a batch of the writer.
func (m *Metrics) Stored(messages []chat.Message, began, ended time.Time) {
	took := ended.Sub(began)
	m.batchRows.Observe(float64(len(messages)))
	m.batchSeconds.Observe(took.Seconds())
	for _, message := range messages {
		m.StoredDirect(message, ended)
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	m.writer.Batches++
	m.writer.Rows += uint64(len(messages))
	m.writer.LastRows, m.writer.LastTook, m.writer.LastAt = len(messages), took, ended
}

// StoredDirect measures a message that was stored without a batch.
func (m *Metrics) StoredDirect(message chat.Message, ended time.Time) {
	m.hops[hopStored].observe(ended.Sub(message.SentAt.Time))
}

// DeadLettered counts a dead letter.
func (m *Metrics) DeadLettered() {
	m.deadLetters.Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deadLetterCount++
}

// Assigned sets the number of the writer's partitions.
func (m *Metrics) Assigned(partitions int) {
	m.assigned.Set(float64(partitions))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writer.Partitions = partitions
}

// Backlog sets what waits in the log. Dead letters that are unknown leave the last
// known number.
func (m *Metrics) Backlog(b status.Backlog) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.DeadLetters < 0 {
		b.DeadLetters = m.backlog.DeadLetters
	}
	m.backlog = b
}

// LastBacklog returns what waits in the log, as it was measured last.
func (m *Metrics) LastBacklog() status.Backlog {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.backlog
	b.Partitions = maps.Clone(b.Partitions)
	return b
}

// Requested counts a request by its route's pattern, never by its path, which has
// ids in it.
func (m *Metrics) Requested(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(route).Observe(took.Seconds())
}

func sinceSent(m chat.Message) time.Duration { return time.Since(m.SentAt.Time) }

// SignedIn counts a sign-in.
func (m *Metrics) SignedIn(provider string, result chat.SignInResult) {
	m.signIns.WithLabelValues(provider, string(result)).Inc()
}
