package kafka

import (
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/time/rate"
)

// poll serves the group and gives the next record, if there is one.
func (w *Writer) poll(wait time.Duration) *kafka.Message {
	select {
	case w.fatal = <-w.stale:
		return nil
	default:
	}
	switch e := w.consumer.Poll(int(wait.Milliseconds())).(type) {
	case *kafka.Message:
		clear(w.said)
		return e
	case kafka.Error:
		w.say(e)
		w.dead.noteMissing(e)
		if isMissing(e) {
			w.topic.missed()
		}
		if e.IsFatal() {
			w.fatal = e
		}
	}
	return nil
}

// say logs an error, not again within a minute unless a record came in between: while the brokers are away librdkafka says so thirteen times a second.
func (w *Writer) say(e kafka.Error) {
	often, ok := w.said[e.Code()]
	if !ok {
		often = &rate.Sometimes{First: 1, Interval: sayInterval}
		w.said[e.Code()] = often
	}
	often.Do(func() { w.logger.Warn("consumer", "error", e) })
}

// rewind puts back a record that was on its way when its partition was paused.
func (w *Writer) rewind(m *kafka.Message) {
	tp := m.TopicPartition
	if _, err := w.consumer.SeekPartitions([]kafka.TopicPartition{tp}); err != nil {
		w.logger.Warn("seek", "error", err) // it is delivered again from the committed offset after the next rebalance
	}
}

func (w *Writer) pause(on bool) {
	if w.paused == on {
		return
	}
	w.paused = on
	assigned, err := w.consumer.Assignment()
	if err == nil && on {
		err = w.consumer.Pause(assigned)
	} else if err == nil {
		err = w.consumer.Resume(assigned)
	}
	if err != nil {
		w.logger.Warn("pause", "on", on, "error", err)
	}
}

// rebalance keeps partitions that arrive during a pause paused, and has remembered numbers forgotten. It doesn’t ask the consumer what it has: one that closes
// never answers (confluentinc/librdkafka#4041).
func (w *Writer) rebalance(c *kafka.Consumer, e kafka.Event) error {
	w.forget = true
	switch e := e.(type) {
	case kafka.AssignedPartitions:
		w.logger.Info("partitions assigned", "partitions", numbers(e.Partitions))
		if time.Now().Before(w.anew) { // what the group has committed may be places in the topic before
			for i := range e.Partitions {
				e.Partitions[i].Offset = kafka.OffsetBeginning
			}
		}
		if err := c.IncrementalAssign(e.Partitions); err != nil {
			return err
		}
		for _, tp := range e.Partitions {
			w.assigned[tp.Partition] = true
		}
		w.tellAssigned()
		if w.paused {
			return c.Pause(e.Partitions)
		}
	case kafka.RevokedPartitions:
		w.logger.Info("partitions revoked", "partitions", numbers(e.Partitions), "lost", c.AssignmentLost())
		committed := w.awaitFinished() // a commit under way is still ours to make
		for _, tp := range e.Partitions {
			delete(w.assigned, tp.Partition)
			if committed { // else the commit reads taken, and no batch is read any more
				w.taken[tp.Partition]++
			}
		}
		w.tellAssigned()
		return c.IncrementalUnassign(e.Partitions)
	}
	return nil
}

func (w *Writer) tellAssigned() {
	if w.watch != nil {
		w.watch.Assigned(len(w.assigned))
	}
}

func numbers(partitions []kafka.TopicPartition) string {
	list := make([]int32, len(partitions))
	for i, p := range partitions {
		list[i] = p.Partition
	}
	return fmt.Sprint(list)
}
