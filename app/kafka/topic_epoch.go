package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	topicCheckInterval        = 5 * time.Second
	missingTopicCheckInterval = 500 * time.Millisecond
	topicCheckTimeout         = 2 * time.Second

	// readFromStartPeriod is how long after a topic's recreation newly assigned partitions are
	// read from their start.
	readFromStartPeriod = time.Minute
)

var (
	errTopicRecreated  = errors.New("topic was deleted and created again")
	errTopicReappeared = errors.New("topic was missing for a moment")
)

// topicWatcher watches the id of the topic that has the configured name. A consumer does not:
// after the topic was deleted and created again, the consumer applies its offset of the old
// topic to the new one, so that earlier records are never read, or it reads nothing any more.
// Therefore a new consumer is needed, which reads the new topic from its start, whatever
// offsets the group has committed meanwhile. Records that are stored already are recognised as
// duplicates.
type topicWatcher struct {
	id          string        // "": not known yet; brokers before 2.8 have one id for all topics
	recreatedAt time.Time     // when the id changed
	missing     chan struct{} // the consumer reported the topic as missing
}

func newTopicWatcher() topicWatcher { return topicWatcher{missing: make(chan struct{}, 1)} }

// reportMissing makes watch check the topic soon. It never blocks.
func (w *topicWatcher) reportMissing() {
	select {
	case w.missing <- struct{}{}:
	default:
	}
}

// watch checks the topic's id until ctx ends. It returns errTopicRecreated when the id
// changed, and errTopicReappeared when a missing topic is there again: both mean that a new
// consumer is needed. describe returns the topic's id, and "" for a topic that does not exist.
func (w *topicWatcher) watch(ctx context.Context, describe func(context.Context) (string, error)) error {
	missing, delay := false, time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.missing:
			missing = true
		case <-time.After(delay):
		}

		id, err := describe(ctx)
		switch {
		case err != nil:
		case id == "":
			missing = true
		case w.id != "" && w.id != id:
			w.id, w.recreatedAt = id, time.Now()
			return errTopicRecreated
		case missing:
			w.id = id
			return errTopicReappeared
		default:
			w.id = id
		}

		if delay = topicCheckInterval; missing {
			delay = missingTopicCheckInterval
		}
	}
}

// describeTopic returns a function that requests the topic's id. The id is "" if the topic
// does not exist.
func describeTopic(admin *kafka.AdminClient, topic string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, topicCheckTimeout)
		defer cancel()
		names := kafka.NewTopicCollectionOfTopicNames([]string{topic})
		result, err := admin.DescribeTopics(ctx, names, kafka.SetAdminRequestTimeout(topicCheckTimeout))
		if err != nil {
			return "", err
		}

		for _, t := range result.TopicDescriptions {
			switch t.Error.Code() {
			case kafka.ErrNoError:
				return t.TopicID.String(), nil
			case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
				return "", nil
			default:
				return "", t.Error
			}
		}
		return "", nil
	}
}
