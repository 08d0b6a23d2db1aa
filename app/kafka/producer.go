package kafka

import (
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
	options Options
	logger  *slog.Logger
	mu      sync.RWMutex // guards client, which a fatal error replaces
	client  *kafka.Producer
	breaker breaker
	missing atomic.Bool // a topic isn't there: the probe makes it again
	refused atomic.Bool // the brokers refused Parley, which was said
	anew    atomic.Pointer[func(context.Context) error]
	closed  chan struct{}
	wg      sync.WaitGroup
}

var _ chat.Log = (*Producer)(nil)

var errDown = errors.New("kafka: the log doesn't answer")

// Intervals of the breaker's probe, and how long librdkafka keeps trying for a message that nobody waits for any more.
const (
	probeInterval   = 500 * time.Millisecond
	probeTimeout    = time.Second
	deliveryTimeout = 4 * time.Second
)

// NewProducer doesn't wait for the brokers: until they answer, Append refuses at once.
func NewProducer(o Options, logger *slog.Logger) (*Producer, error) {
	p := &Producer{options: o, logger: logger, closed: make(chan struct{})}
	if err := p.open(); err != nil {
		return nil, err
	}
	p.breaker.open()
	p.wg.Add(1)
	go p.probe()
	return p, nil
}

func (p *Producer) open() error {
	client, err := kafka.NewProducer(with(base(p.options), kafka.ConfigMap{
		"acks": "all", "enable.idempotence": true, "linger.ms": 0,
		// Without linger a message alone is not kept waiting. What comes while all five are on their way shares the next request; five is the
		// most at which the idempotent producer keeps the order of a partition (librdkafka's CONFIGURATION.md).
		"max.in.flight.requests.per.connection": 5,
		"delivery.timeout.ms":                   int(deliveryTimeout.Milliseconds()), "socket.timeout.ms": int(deliveryTimeout.Milliseconds()) - 500,
		"request.timeout.ms":           int(deliveryTimeout.Milliseconds()) - 1000,
		"queue.buffering.max.messages": 20_000, "message.max.bytes": 1 << 20,
		// For so long a topic that isn't there counts as one that is being made: long enough, and a deleted one is noticed.
		"topic.metadata.propagation.max.ms": 2000,
	}))
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.client = client
	p.mu.Unlock()
	p.wg.Add(1)
	go p.drain(client)
	return nil
}

// drain reads the client's own events until it is closed; unread, they would make Flush and Close hang. A client that failed for good is
// replaced once.
func (p *Producer) drain(client *kafka.Producer) {
	defer p.wg.Done()
	replaced := false
	for e := range client.Events() {
		err, ok := e.(kafka.Error)
		if ok {
			p.tellRefusal(err)
		}
		if !ok || !err.IsFatal() || replaced {
			continue
		}
		p.logger.Error("the producer failed and is built anew", "error", err)
		p.breaker.open()
		if err := p.open(); err != nil {
			p.logger.Error("no new producer", "error", err)
			continue
		}
		replaced = true
		go client.Close()
	}
}

// Append waits for the delivery report until ctx ends. While the breaker is open it refuses at once.
func (p *Producer) Append(ctx context.Context, m chat.Message) (int64, error) {
	value, err := encode(m)
	if err != nil {
		return 0, err
	}
	ok, tries := p.breaker.enter()
	if !ok {
		return 0, errDown
	}
	offset, err := p.produce(ctx, &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &p.options.Topic, Partition: kafka.PartitionAny},
		Key:            []byte(m.ConversationID.String()), Value: value, Headers: p.origin(m.Trace),
	})
	switch {
	case err == nil, errors.Is(err, errPlaceless):
		p.breaker.acknowledged(tries)
	case !errors.Is(err, chat.ErrUnknownOutcome):
		p.breaker.refused(tries)
	case p.breaker.failed(tries, time.Now()):
		p.logger.Warn("the log doesn't answer: messages are stored directly", "error", err)
	}
	return offset, err
}

// origin tells who appended a record, and which trace it belongs to.
func (p *Producer) origin(trace string) (headers []kafka.Header) {
	if p.options.Replica != "" {
		headers = append(headers, kafka.Header{Key: headerReplica, Value: []byte(p.options.Replica)})
	}
	if trace != "" {
		headers = append(headers, kafka.Header{Key: headerTrace, Value: []byte(trace)})
	}
	return headers
}

func (p *Producer) produce(ctx context.Context, m *kafka.Message) (int64, error) {
	p.mu.RLock()
	client := p.client
	p.mu.RUnlock()
	report := make(chan kafka.Event, 1) // one per message, never closed: a late report must not block librdkafka
	if err := client.Produce(m, report); err != nil {
		return 0, fmt.Errorf("kafka: %w", err) // it never left the process
	}
	select {
	case e := <-report:
		done := e.(*kafka.Message)
		if err := done.TopicPartition.Error; err != nil {
			p.noteMissing(err)
			return 0, fmt.Errorf("%w: kafka: %w", chat.ErrUnknownOutcome, err)
		}
		return placeOf(done)
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: kafka: no acknowledgement in time", chat.ErrUnknownOutcome)
	}
}

// errPlaceless marks a record that the log has, nobody knows where. The idempotent producer says so of one that had been delivered and not properly acknowledged
// when it was tried again, as when a leader moves (librdkafka's rdkafka.h, rd_kafka_conf_set_dr_msg_cb). Without a place it can't stand in a tail, and what comes
// later could be stored before it: so it is stored directly, and known when the log's copy comes.
var errPlaceless = fmt.Errorf("%w: kafka: acknowledged without an offset", chat.ErrUnknownOutcome)

func placeOf(done *kafka.Message) (int64, error) {
	if offset := int64(done.TopicPartition.Offset); offset >= 0 {
		return offset, nil
	}
	return 0, errPlaceless
}

// noteMissing remembers an error that says that a topic has gone: somebody deleted it.
func (p *Producer) noteMissing(err error) {
	if isMissing(err) {
		p.missing.Store(true)
	}
}

// probe makes topics that have gone again, and tells the open breaker whether the topic's leaders answer.
func (p *Producer) probe() {
	defer p.wg.Done()
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		if p.missing.Load() {
			p.restore()
		}
		if !p.breaker.closed() && p.breaker.heard(p.answers(), time.Now()) {
			p.refused.Store(false)
		}
		select {
		case <-ticker.C:
		case <-p.closed:
			return
		}
	}
}

// OnAnew has forget called before a topic that was deleted is made again: its offsets begin anew, and what is remembered of the old ones would speak against them.
func (p *Producer) OnAnew(forget func(context.Context) error) { p.anew.Store(&forget) }

// restore waits no longer for the broker than its probe may keep Close waiting.
func (p *Producer) restore() {
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTimeout)
	defer cancel()
	p.forget(ctx)
	if err := EnsureTopics(ctx, p.options, p.logger); err != nil {
		p.logger.Warn("a topic is missing and can't be made", "error", err)
		return
	}
	p.missing.Store(false)
}

// forget tells whoever remembers offsets, if it is the topic itself that isn't there.
func (p *Producer) forget(ctx context.Context) {
	forget := p.anew.Load()
	_, topic, err := p.look()
	if forget == nil || err != nil || topic.Error.Code() != kafka.ErrUnknownTopicOrPart {
		return
	}
	if err := (*forget)(ctx); err != nil {
		p.logger.Warn("a topic is made again, and its old offsets are still remembered", "error", err)
	}
}

// answers asks for the topic's leaders, and them for an offset: the others may name a broker that has gone for as long as its session lasts.
func (p *Producer) answers() bool {
	client, topic, err := p.look()
	if err != nil {
		return false
	}
	p.noteMissing(topic.Error)
	for _, partition := range topic.Partitions {
		if partition.Error.Code() != kafka.ErrNoError || len(partition.Isrs) < p.options.MinInsyncReplicas {
			return false
		}
	}
	if topic.Error.Code() != kafka.ErrNoError || len(topic.Partitions) == 0 {
		return false
	}
	admin, err := kafka.NewAdminClientFromProducer(client)
	if err != nil {
		return false
	}
	defer admin.Close()
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	_, err = offsetsOf(ctx, admin, topic, kafka.LatestOffsetSpec)
	return err == nil
}

// look asks the brokers for the topic.
func (p *Producer) look() (client *kafka.Producer, topic kafka.TopicMetadata, err error) {
	p.mu.RLock()
	client = p.client
	p.mu.RUnlock()
	meta, err := client.GetMetadata(&p.options.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return nil, topic, err
	}
	return client, meta.Topics[p.options.Topic], nil
}

// Up tells whether the log answers.
func (p *Producer) Up() bool { return p.breaker.closed() }

// Close gives messages under way up to five seconds.
func (p *Producer) Close() {
	close(p.closed)
	p.mu.RLock()
	client := p.client
	p.mu.RUnlock()
	client.Flush(5000)
	client.Close()
	p.wg.Wait()
}
