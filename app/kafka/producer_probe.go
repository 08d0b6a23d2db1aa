package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/loop"
)

const (
	probeInterval = 500 * time.Millisecond
	probeTimeout  = time.Second
)

// Run probes the log until ctx ends: it closes the breaker when the topic's leaders answer,
// and creates topics that were deleted. It returns nil.
func (p *Producer) Run(ctx context.Context) error {
	p.probe(ctx)
	loop.Every(ctx, probeInterval, p.probe)
	return nil
}

func (p *Producer) probe(ctx context.Context) {
	if p.missing.Load() {
		p.recreateTopics(ctx)
	}
	if !p.breaker.closed() && p.breaker.probed(p.leadersAnswer(ctx), time.Now()) {
		p.refusalLogged.Store(false)
	}
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
		p.logger.Warn("topic creation failed", "error", err)
		return
	}
	p.missing.Store(false)
}

// beforeRecreate calls Options.BeforeRecreate if the missing topic is the log's own.
func (p *Producer) beforeRecreate(ctx context.Context) {
	_, topic, err := p.topicMetadata()
	if p.options.BeforeRecreate == nil || err != nil || topic.Error.Code() != kafka.ErrUnknownTopicOrPart {
		return
	}
	if err := p.options.BeforeRecreate(ctx); err != nil {
		p.logger.Warn("old offsets not forgotten before the topic is created again", "error", err)
	}
}

// leadersAnswer requests the topic's leaders, and an offset from each of them: other brokers
// may name a leader that is down for as long as its session lasts.
func (p *Producer) leadersAnswer(ctx context.Context) bool {
	client, topic, err := p.topicMetadata()
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
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, err = listOffsets(ctx, admin, topic, kafka.LatestOffsetSpec)
	return err == nil
}

func (p *Producer) topicMetadata() (client *kafka.Producer, topic kafka.TopicMetadata, err error) {
	client = p.currentClient()
	meta, err := client.GetMetadata(&p.options.Topic, false, int(probeTimeout.Milliseconds()))
	if err != nil {
		return nil, topic, err
	}
	return client, meta.Topics[p.options.Topic], nil
}
