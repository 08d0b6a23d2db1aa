package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/chat"
)

// Producer implements chat.Log. Safe for concurrent use.
type Producer struct {
	options   Options
	logger    *slog.Logger
	mu        sync.RWMutex // guards client, which is replaced after a fatal error
	client    *kafka.Producer
	breaker   breaker
	lastError lastError
	missing   atomic.Bool // a topic does not exist: the probe creates it
	failed    atomic.Bool // client had a fatal error: the probe replaces it
	advices   adviceLog
	probing   probing
	group     groupInspector // used by Run
	draining  sync.WaitGroup
}

var _ chat.Log = (*Producer)(nil)

var (
	errDown = errors.New("kafka: the log doesn't answer")

	// errNoOffset marks a record that the log has at an unknown offset. The idempotent
	// producer reports that for a record that had been written, but not acknowledged, before
	// its retry, for example while a leader moves (librdkafka's rdkafka.h,
	// rd_kafka_conf_set_dr_msg_cb). Without an offset the message cannot be in a tail, and
	// later messages could be stored before it. So it is stored directly, and the log's copy
	// is recognised as a duplicate.
	errNoOffset = fmt.Errorf("%w: kafka: acknowledged without an offset", chat.ErrUnknownOutcome)
)

const (
	// deliveryTimeout is how long librdkafka retries a message, which nobody waits for any
	// more by then.
	deliveryTimeout = 4 * time.Second

	// flushTimeout is how long Close waits for messages under way.
	flushTimeout = 5 * time.Second
)

// NewProducer does not wait for the brokers. Append fails at once until Run has found that
// they answer.
func NewProducer(o Options, logger *slog.Logger) (*Producer, error) {
	p := &Producer{options: o, logger: logger, advices: adviceLog{logger: logger}}
	if err := p.open(); err != nil {
		return nil, err
	}
	p.breaker.open()
	return p, nil
}

// open creates a client and drains its events.
func (p *Producer) open() error {
	deliveryMs := int(deliveryTimeout.Milliseconds())
	client, err := kafka.NewProducer(clientConfig(p.options, kafka.ConfigMap{
		"acks":               "all",
		"enable.idempotence": true,

		// Without linger a single message is sent at once. Messages that arrive while all 5
		// requests are in flight share the next one. 5 is the maximum at which the idempotent
		// producer keeps a partition's order (librdkafka's CONFIGURATION.md).
		"linger.ms":                             0,
		"max.in.flight.requests.per.connection": 5,

		"delivery.timeout.ms":          deliveryMs,
		"socket.timeout.ms":            deliveryMs - 500,
		"request.timeout.ms":           deliveryMs - 1000,
		"queue.buffering.max.messages": 20_000,
		"message.max.bytes":            maxRecordBytes,

		// For this long librdkafka assumes that a missing topic was just created. 2 s is long
		// enough for that, and short enough to notice a deleted topic.
		"topic.metadata.propagation.max.ms": 2000,

		// Otherwise librdkafka writes a fatal error to standard error itself.
		"go.logs.channel.enable": true,
	}))
	if err != nil {
		return err
	}

	p.mu.Lock()
	p.client = client
	p.mu.Unlock()
	p.draining.Add(2)
	go p.drain(client)
	go func() {
		defer p.draining.Done()
		discardLogs(client)
	}()
	return nil
}

// drain reads client's events until client is closed, because unread events make Flush and
// Close hang. After a fatal error the probe replaces the client.
func (p *Producer) drain(client *kafka.Producer) {
	defer p.draining.Done()
	for e := range client.Events() {
		err, ok := e.(kafka.Error)
		if !ok {
			continue
		}
		p.lastError.note(err)
		advice := refusalAdvice(err)
		if err.IsFatal() && client == p.currentClient() && p.failed.CompareAndSwap(false, true) {
			p.breaker.open()
			advice = cmp.Or(advice, "the producer failed and is created again")
		}
		if advice != "" {
			p.advices.log(advice, err)
		}
	}
}

// discardLogs reads what librdkafka logs until client is closed. Its errors are events too.
func discardLogs(client *kafka.Producer) {
	for range client.Logs() {
	}
}

func (p *Producer) currentClient() *kafka.Producer {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.client
}

// Append appends m and waits for its offset until ctx ends. While the breaker is open it fails
// at once. After an error that wraps chat.ErrUnknownOutcome the log may have m nevertheless.
func (p *Producer) Append(ctx context.Context, m chat.Message) (int64, error) {
	value, err := encode(m)
	if err != nil {
		return 0, err
	}
	ok, trial := p.breaker.acquire()
	if !ok {
		return 0, errDown
	}

	offset, err := p.produce(ctx, &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &p.options.Topic, Partition: kafka.PartitionAny},
		Key:            []byte(m.ConversationID.String()),
		Value:          value,
		Headers:        p.originHeaders(m.Trace),
	})

	p.lastError.note(err)
	switch {
	case err == nil, errors.Is(err, errNoOffset):
		p.breaker.acknowledged(trial)
	case !errors.Is(err, chat.ErrUnknownOutcome):
		p.breaker.notSent(trial)
	case p.breaker.failed(trial, time.Now()):
		p.logger.Warn("the log doesn't answer: messages are stored directly", "error", err)
	}
	return offset, err
}

// originHeaders are the headers with the replica that appended a record, and the record's
// trace.
func (p *Producer) originHeaders(trace string) (headers []kafka.Header) {
	if p.options.Replica != "" {
		headers = append(headers, kafka.Header{Key: headerReplica, Value: []byte(p.options.Replica)})
	}
	if id := p.options.installation(); id != "" {
		headers = append(headers, kafka.Header{Key: headerInstallation, Value: []byte(id)})
	}
	if trace != "" {
		headers = append(headers, kafka.Header{Key: headerTrace, Value: []byte(trace)})
	}
	return headers
}

// produce appends a record and waits for its offset until ctx ends. An error that does not
// wrap chat.ErrUnknownOutcome means that the record was not sent.
func (p *Producer) produce(ctx context.Context, m *kafka.Message) (int64, error) {
	// Each message has its own channel, which is never closed: a report after ctx's end must
	// not block librdkafka.
	report := make(chan kafka.Event, 1)
	if err := p.currentClient().Produce(m, report); err != nil {
		return 0, fmt.Errorf("kafka: %w", err)
	}

	select {
	case e := <-report:
		delivered := e.(*kafka.Message).TopicPartition
		switch {
		case delivered.Error != nil:
			p.noteMissing(delivered.Error)
			if isRefusedRecord(delivered.Error) {
				return 0, fmt.Errorf("kafka: %w", delivered.Error)
			}
			return 0, fmt.Errorf("%w: kafka: %w", chat.ErrUnknownOutcome, delivered.Error)
		case delivered.Offset < 0:
			return 0, errNoOffset
		}
		return int64(delivered.Offset), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: kafka: no acknowledgement in time", chat.ErrUnknownOutcome)
	}
}

// isRefusedRecord reports whether the brokers certainly did not append a record, for a reason
// that lies in the record. Others can be appended.
func isRefusedRecord(err error) bool {
	switch errorCode(err) {
	case kafka.ErrMsgSizeTooLarge, kafka.ErrRecordListTooLarge, kafka.ErrInvalidRecord, kafka.ErrInvalidTimestamp:
		return true
	}
	return false
}

// Up reports whether the log accepts messages.
func (p *Producer) Up() bool { return p.breaker.closed() }

// Close waits up to flushTimeout for messages under way. Run must have ended.
func (p *Producer) Close() {
	client := p.currentClient()
	client.Flush(int(flushTimeout.Milliseconds()))
	client.Close()
	p.draining.Wait()
}
