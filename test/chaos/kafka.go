package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/loop"
)

// The names of the log, which app/kafka fixes.
const (
	topic     = "chat-messages"
	deadTopic = "chat-messages-dead"
	group     = "message-processor-group"
)

// withKafka calls do with a client that gets to the brokers through the links.
func (d *Dependencies) withKafka(do func(*kadm.Client) error) error {
	const metadataAge = 50 * time.Millisecond // the default, 5 s, would hide changes from those who wait for them

	client, err := kgo.NewClient(kgo.SeedBrokers(d.Kafka.Links.addresses()...), kgo.MetadataMinAge(metadataAge))
	if err != nil {
		return err
	}
	defer client.Close()
	return do(kadm.NewClient(client))
}

// emptyKafka deletes the group and the topics, and waits until they are gone.
func (d *Dependencies) emptyKafka(ctx context.Context) error {
	return d.withKafka(func(admin *kadm.Client) error {
		for {
			_, err1 := admin.DeleteGroup(ctx, group)
			_, err2 := admin.DeleteTopics(ctx, topic, deadTopic)
			groups, err3 := admin.ListGroups(ctx)
			topics, err4 := admin.ListTopics(ctx, topic, deadTopic)

			_, remains := groups[group]
			if errors.Join(err3, err4) == nil && !remains && !topics.Has(topic) && !topics.Has(deadTopic) {
				return nil
			}

			if !loop.Sleep(ctx, 100*time.Millisecond) {
				return fmt.Errorf("the log is not empty: %w", errors.Join(err1, err2, err3, err4))
			}
		}
	})
}

// consumers returns how many writers share the log; 0 during a rebalance.
func (d *Dependencies) consumers(ctx context.Context) (n int, err error) {
	return n, d.withKafka(func(admin *kadm.Client) error {
		groups, err := admin.DescribeGroups(ctx, group)
		if g := groups[group]; err == nil && g.State == "Stable" {
			n = len(g.Members)
		}

		return err
	})
}

// lag returns how many records of the log are not committed yet.
func (d *Dependencies) lag(ctx context.Context) (lag int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return lag, d.withKafka(func(admin *kadm.Client) error {
		ends, err := admin.ListEndOffsets(ctx, topic)
		if err != nil {
			return err
		}

		committed, err := admin.FetchOffsets(ctx, group)
		if err != nil {
			return err
		}

		ends.Each(func(end kadm.ListedOffset) {
			lag += end.Offset
			if at, ok := committed.Lookup(topic, end.Partition); ok && end.Err == nil {
				lag -= max(at.At, 0)
			}
		})
		return ends.Error()
	})
}

// deleteTopic deletes the log's topic.
func (d *Dependencies) deleteTopic(ctx context.Context) error {
	return d.withKafka(func(admin *kadm.Client) error {
		_, err := admin.DeleteTopic(ctx, topic)
		return err
	})
}
