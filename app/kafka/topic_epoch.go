package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// How often a writer asks which topic it reads; and for how long after it was another one it reads what it is assigned from the start.
const (
	askInterval = 5 * time.Second
	askSoon     = 500 * time.Millisecond
	anewFor     = time.Minute
	askTimeout  = 2 * time.Second
)

var (
	errReplaced = errors.New("the topic was deleted and made again")
	errWasGone  = errors.New("the topic was gone for a moment")
)

// identity follows which topic it is that has the name. A consumer doesn't: once the topic was deleted and made again, it takes its place in the old one for
// one in the new, so that what stands before is never read; or it reads nothing any more. So another consumer takes over, and reads the new topic from its
// start, whatever the group has committed meanwhile: what is stored is found known.
type topicWatcher struct {
	id    string        // empty: not known yet; brokers before 2.8 have one for all
	since time.Time     // when it became another
	gone  chan struct{} // the consumer missed it
}

func newTopicWatcher() topicWatcher { return topicWatcher{gone: make(chan struct{}, 1)} }

// missed has it asked for soon.
func (i *topicWatcher) missed() {
	select {
	case i.gone <- struct{}{}:
	default:
	}
}

// follow asks until ctx ends or the topic is another one, or one that was missed is there: then the error says that a new consumer is needed. describe answers an
// empty id for a topic that isn't there.
func (i *topicWatcher) follow(ctx context.Context, describe func(context.Context) (string, error)) error {
	missed, wait := false, time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-i.gone:
			missed = true
		case <-time.After(wait):
		}
		id, err := describe(ctx)
		switch {
		case err != nil:
		case id == "":
			missed = true
		case i.id != "" && i.id != id:
			i.id, i.since = id, time.Now()
			return errReplaced
		case missed:
			i.id = id
			return errWasGone
		default:
			i.id = id
		}
		if wait = askInterval; missed {
			wait = askSoon
		}
	}
}

// topicID answers the id of the topic; empty if it isn't there.
func topicID(admin *kafka.AdminClient, topic string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		result, err := admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames([]string{topic}), kafka.SetAdminRequestTimeout(askTimeout))
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

// isMissing tells whether an error says that a topic or partition isn't there.
func isMissing(err error) bool {
	var k kafka.Error
	if !errors.As(err, &k) {
		return false
	}
	switch k.Code() {
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic, kafka.ErrUnknownPartition, kafka.ErrUnknownTopicID:
		return true
	}
	return false
}
