package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

const (
	probeInterval = 500 * time.Millisecond
	probeTimeout  = time.Second

	// inspectInterval is how often a log that is up is inspected. With maxSilences answers
	// that do not come in time, an outage is noticed within 5 s, even if nobody sends.
	inspectInterval = 2 * time.Second
	maxSilences     = 2

	// A client that failed is replaced after a pause, which grows while its successors fail
	// too. A successor that is provenAfter old has every right that a producer needs: without
	// them it fails as soon as it is connected.
	minReplaceDelay = 500 * time.Millisecond
	maxReplaceDelay = 30 * time.Second
	provenAfter     = 2 * time.Second
)

// probing is the state of Run between two probes.
type probing struct {
	inspectedAt  time.Time
	silences     int // inspections in a row that were not answered
	replaceDelay time.Duration
	replaceAt    time.Time // of a client that failed; zero: it did not
	replacedAt   time.Time
}

// Run probes the log until ctx ends. It closes the breaker when the topic's leaders answer and
// nothing is wrong with the topics and this client's rights, and opens it when they do not
// answer or something is wrong. It creates topics that were deleted. It returns nil.
func (p *Producer) Run(ctx context.Context) error {
	defer p.group.close()
	p.probe(ctx)
	loop.Every(ctx, probeInterval, p.probe)
	return nil
}

func (p *Producer) probe(ctx context.Context) {
	if p.missing.Load() {
		p.recreateTopics(ctx)
	}
	if p.failed.Load() {
		p.replaceClient()
		return
	}

	now := time.Now()
	if p.breaker.closed() {
		if p.probing.silences > 0 || now.Sub(p.probing.inspectedAt) >= inspectInterval {
			p.inspectClosed(ctx, now)
		}
		return
	}

	p.probing.silences = 0
	usable := p.usable(ctx) && now.Sub(p.probing.replacedAt) >= provenAfter
	if p.breaker.probed(usable, now) {
		p.probing.inspectedAt, p.probing.replaceDelay = now, 0
		p.advices.reset()
	}
}

// inspectClosed inspects the log while the breaker is closed, and opens it if that fails.
func (p *Producer) inspectClosed(ctx context.Context, now time.Time) {
	p.probing.inspectedAt = now
	useless, err := p.try(ctx)
	switch {
	case useless:
		p.breaker.open()
	case err == nil || ctx.Err() != nil:
		p.probing.silences = 0
	default:
		if p.probing.silences++; p.probing.silences >= maxSilences {
			p.breaker.open()
			p.advices.log("the brokers don't answer: messages are stored directly", err)
		}
	}
}

// replaceClient replaces a client that had a fatal error, after a pause.
func (p *Producer) replaceClient() {
	s := &p.probing
	if s.replaceAt.IsZero() {
		s.replaceDelay = min(max(2*s.replaceDelay, minReplaceDelay), maxReplaceDelay)
		s.replaceAt = time.Now().Add(s.replaceDelay)
	}
	if time.Now().Before(s.replaceAt) {
		return
	}

	old := p.currentClient()
	s.replaceAt, s.replacedAt = time.Time{}, time.Now()
	if err := p.open(); err != nil {
		p.advices.log("producer creation failed", err)
		return
	}
	p.failed.Store(false)
	go old.Close()
}

// noteMissing makes the next probe create the topics, if err says that one does not exist:
// somebody has deleted it.
func (p *Producer) noteMissing(err error) {
	if isMissing(err) {
		p.missing.Store(true)
	}
}

// recreateTopics is finished even when ctx ends, so that the topics are created whose offsets
// were forgotten. It takes at most deliveryTimeout, because the end of Run waits for it.
func (p *Producer) recreateTopics(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliveryTimeout)
	defer cancel()
	p.beforeRecreate(ctx)
	if err := EnsureTopics(ctx, p.options, p.logger); err != nil {
		p.advices.log("topic creation failed", err)
		return
	}
	p.missing.Store(false)
}

// beforeRecreate calls Options.BeforeRecreate if the missing topic is the log's own.
func (p *Producer) beforeRecreate(ctx context.Context) {
	_, _, topic, err := p.topicMetadata()
	if p.options.BeforeRecreate == nil || err != nil || topic.Error.Code() != kafka.ErrUnknownTopicOrPart {
		return
	}
	if err := p.options.BeforeRecreate(ctx); err != nil {
		p.logger.Warn("old offsets not forgotten before the topic is created again", "error", err)
	}
}

// usable reports whether the log can append and keep messages: the topic's leaders answer, and
// an inspection finds nothing that makes the log useless.
func (p *Producer) usable(ctx context.Context) bool {
	useless, err := p.try(ctx)
	return err == nil && !useless
}

// try requests what an append needs. An error means that brokers do not answer in time.
func (p *Producer) try(ctx context.Context) (useless bool, err error) {
	client, brokers, topic, err := p.topicMetadata()
	if err != nil {
		return false, err
	}
	p.noteMissing(topic.Error)
	// An inspection that is not answered says nothing about the leaders.
	if useless = p.inspect(ctx, client); useless {
		return true, nil
	}

	err = p.leadersAnswer(ctx, client, topic)
	if err != nil && ctx.Err() == nil {
		if advice := unreachableAdvice(brokers); advice != "" {
			p.advices.log(advice, err)
		}
	}
	return false, err
}

// inspect logs what is wrong with the log, and reports whether that makes the log useless.
func (p *Producer) inspect(ctx context.Context, client *kafka.Producer) (useless bool) {
	admin, err := kafka.NewAdminClientFromProducer(client)
	if err != nil {
		return false
	}
	defer admin.Close()
	found, err := inspect(ctx, admin, p.options, probeTimeout)
	if err != nil {
		return false
	}

	if len(found.missing) > 0 {
		p.missing.Store(true)
		useless = true
	}
	for _, problem := range append(found.problems, p.group.problems(ctx, p.options, probeTimeout)...) {
		p.advices.log(problem.advice, nil)
		useless = useless || problem.outage
	}
	return useless
}

var errNoQuorum = errors.New("a partition has no leader, or too few copies that are in sync")

// leadersAnswer requests an offset from each of the topic's leaders: other brokers may name a
// leader that is down for as long as its session lasts.
func (p *Producer) leadersAnswer(ctx context.Context, client *kafka.Producer, topic kafka.TopicMetadata) error {
	if topic.Error.Code() != kafka.ErrNoError || len(topic.Partitions) == 0 {
		return topic.Error
	}
	for _, partition := range topic.Partitions {
		if partition.Error.Code() != kafka.ErrNoError || len(partition.Isrs) < p.options.MinInsyncReplicas {
			return errNoQuorum
		}
	}

	admin, err := kafka.NewAdminClientFromProducer(client)
	if err != nil {
		return err
	}
	defer admin.Close()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, err = listOffsets(ctx, admin, topic, kafka.LatestOffsetSpec)
	return err
}

func (p *Producer) topicMetadata() (
	client *kafka.Producer, brokers []kafka.BrokerMetadata, topic kafka.TopicMetadata, err error,
) {
	client = p.currentClient()
	meta, err := client.GetMetadata(&p.options.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return nil, nil, topic, err
	}
	return client, meta.Brokers, meta.Topics[p.options.Topic], nil
}
