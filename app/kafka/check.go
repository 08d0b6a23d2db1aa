package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// checkTimeout is how long the brokers have to answer each request.
const checkTimeout = 5 * time.Second

// Check does what a replica does, without changing anything: it connects, calls the brokers by
// the addresses that they advertise, inspects the topics, the group and its rights, and gets a
// producer's id. Its errors, joined, advise operators what to change. partitions is 0 if the
// topic does not exist yet, which is no error, because a start creates it.
func Check(ctx context.Context, o Options) (partitions int, err error) {
	c, err := newChecker(o)
	if err != nil {
		return 0, fmt.Errorf("KAFKA_…: %w", err)
	}
	defer c.close()

	meta, err := c.admin.GetMetadata(nil, true, int(checkTimeout.Milliseconds()))
	if err != nil {
		return 0, c.explain(errors.New("no broker answers: look at the hosts and ports of KAFKA_BROKERS, " +
			"at KAFKA_SECURITY_PROTOCOL and its neighbours, and whether Kafka runs"))
	}
	if advice := unreachableAdvice(meta.Brokers); advice != "" {
		return 0, errors.New(advice)
	}

	found, err := inspect(ctx, c.admin, o, checkTimeout)
	if err != nil {
		return 0, c.explain(fmt.Errorf("the brokers don't describe the topics: %w", err))
	}
	var group groupInspector
	defer group.close()
	found.problems = append(found.problems, group.problems(ctx, o, checkTimeout)...)

	errs := []error{c.checkCreation(ctx, found.missing), checkPartitionCount(o, found.partitions)}
	for _, p := range found.problems {
		errs = append(errs, errors.New(p.advice))
	}
	if len(found.problems) == 0 {
		errs = append(errs, c.checkProducer(ctx), c.checkPartitions(ctx, found))
	}
	return found.partitions, errors.Join(errs...)
}

// checker is a producer as a replica has it, with what it reports while Check runs.
type checker struct {
	options  Options
	client   *kafka.Producer
	admin    *kafka.AdminClient
	reading  sync.WaitGroup
	mu       sync.Mutex
	refusal  error         // the last one; nil: none
	assigned chan struct{} // closed when the brokers have given the producer an id
	failed   chan struct{} // closed when they refuse it
}

func newChecker(o Options) (*checker, error) {
	client, err := kafka.NewProducer(clientConfig(o, kafka.ConfigMap{
		"enable.idempotence":     true,
		"statistics.interval.ms": 100,
		"go.logs.channel.enable": true,
	}))
	if err != nil {
		return nil, err
	}
	admin, err := kafka.NewAdminClientFromProducer(client)
	if err != nil {
		client.Close()
		return nil, err
	}
	c := &checker{
		options:  o,
		client:   client,
		admin:    admin,
		assigned: make(chan struct{}),
		failed:   make(chan struct{}),
	}
	c.reading.Go(c.read)
	c.reading.Go(func() { discardLogs(client) })
	return c, nil
}

func (c *checker) close() {
	c.admin.Close()
	c.client.Close()
	c.reading.Wait()
}

// read reads the producer's events until it is closed.
func (c *checker) read() {
	announce := sync.OnceFunc(func() { close(c.assigned) })
	fail := sync.OnceFunc(func() { close(c.failed) })
	for e := range c.client.Events() {
		switch e := e.(type) {
		case *kafka.Stats:
			var s struct {
				EOS struct {
					State string `json:"idemp_state"`
				} `json:"eos"`
			}
			if json.Unmarshal([]byte(e.String()), &s) == nil && s.EOS.State == "Assigned" {
				announce()
			}
		case kafka.Error:
			if refusalAdvice(e) != "" {
				c.mu.Lock()
				c.refusal = e
				c.mu.Unlock()
			}
			if e.IsFatal() {
				fail()
			}
		}
	}
}

// explain returns the advice for the brokers' refusal, or err if they did not refuse anything.
func (c *checker) explain(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil {
		return err
	}
	return fmt.Errorf("%s (%w)", refusalAdvice(c.refusal), c.refusal)
}

// checkCreation has the brokers validate the creation of missing topics.
func (c *checker) checkCreation(ctx context.Context, topics []string) error {
	if len(topics) == 0 {
		return nil
	}
	results, err := c.admin.CreateTopics(ctx, specifications(c.options, topics),
		kafka.SetAdminValidateOnly(true), kafka.SetAdminRequestTimeout(checkTimeout))
	if err != nil {
		return c.explain(fmt.Errorf("the brokers don't say whether topics can be created: %w", err))
	}

	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError && r.Error.Code() != kafka.ErrTopicAlreadyExists {
			return cannotCreate(c.options, r) // the cause is the same for both topics
		}
	}
	return nil
}

// checkProducer waits until the brokers accept the idempotent producer.
func (c *checker) checkProducer(ctx context.Context) error {
	select {
	case <-c.assigned:
		return nil
	case <-c.failed:
		if errorCode(c.explain(nil)) == kafka.ErrClusterAuthorizationFailed {
			return errors.New(lacks(c.options, resource{kind: "cluster"}, "IdempotentWrite"))
		}
		return c.explain(errors.New("the brokers refuse the producer"))
	case <-ctx.Done():
	case <-time.After(checkTimeout):
	}
	return c.explain(errors.New("the brokers give the producer no id: look at their logs, and at the topic __transaction_state"))
}

// checkPartitions requests offsets from the leader of each partition, and finds partitions that are
// paused and a topic of another installation.
func (c *checker) checkPartitions(ctx context.Context, found inspection) error {
	if slices.Contains(found.missing, c.options.Topic) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := checkInstallation(ctx, c.options); err != nil {
		return c.explain(err)
	}

	client, err := newOffsetClient(c.options)
	if err != nil {
		return err
	}
	defer client.Close()
	ranges, err := offsetRanges(ctx, c.admin, client, c.options)
	if err != nil {
		return c.explain(fmt.Errorf("a partition's leader, or the group's coordinator, doesn't answer: %w", err))
	}
	waiting := map[int32]int64{}
	for partition, r := range ranges {
		if next := max(r.first, r.next); next < r.end {
			waiting[partition] = next
		}
	}
	oldest, err := readOldest(ctx, c.options, waiting)
	for _, partition := range slices.Sorted(maps.Keys(oldest)) {
		if o := oldest[partition]; o.paused != "" {
			err = errors.Join(err, fmt.Errorf("partition %d is paused at offset %d: %s; start the release that can "+
				"read it, or run parley dead-letters bury %[1]d %[2]d", partition, o.offset, o.paused))
		}
	}
	return err
}

// checkPartitionCount compares the number of the log's partitions with the setting. 0: the log
// does not exist.
func checkPartitionCount(o Options, n int) error {
	switch {
	case n == 0 || n == o.Partitions || o.Partitions == 0:
		return nil
	case n > o.Partitions:
		return fmt.Errorf("the topic %s has %d partitions and KAFKA_PARTITIONS says %d: write %[2]d, because Kafka "+
			"can't take any away", o.Topic, n, o.Partitions)
	}
	return fmt.Errorf("the topic %s has %d partitions and KAFKA_PARTITIONS says %d: "+
		"write %[2]d, or stop all replicas and run parley partitions %[3]d", o.Topic, n, o.Partitions)
}
