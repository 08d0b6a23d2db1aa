package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/app/chat"
	"parley/test/services"
	"parley/test/wait"
)

// talker writes numbered messages into a conversation, one after the other; what isn't acknowledged is sent again, unchanged.
type talker struct {
	from, to     *person
	conversation string
	said         []string // acknowledged, in order; the test's once it has stopped
	inLog        atomic.Int64
	direct       atomic.Int64
}

func (w *talker) run(stop <-chan struct{}) {
	for n := 0; ; n++ {
		body := fmt.Sprint(n)
		form := messageForm(body)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			r := w.from.post(w.conversation+"/messages", form)
			if r.status == http.StatusServiceUnavailable {
				continue
			}
			var a struct{ Message chat.Message }
			if err := json.Unmarshal([]byte(r.body), &a); err != nil || r.status != http.StatusCreated {
				w.from.t.Errorf("send %s: status %d, error %v: %s", body, r.status, err, r.body)
				return
			}
			if a.Message.LogOffset != nil {
				w.inLog.Add(1)
			} else {
				w.direct.Add(1)
			}
			break
		}
		w.said = append(w.said, body)
	}
}

// talkers are several who write all the while, on both replicas, in conversations of all partitions.
type talkers struct {
	t    *testing.T
	all  []*talker
	stop func()
}

func startTalkers(t *testing.T, one, two *instance, pairs int) *talkers {
	t.Helper()
	ts := &talkers{t: t}
	for i := range pairs {
		from, to := one.signIn(fmt.Sprint("From ", i)), two.signIn(fmt.Sprint("To ", i))
		if i%2 == 1 {
			from, to = to, from
		}
		ts.all = append(ts.all, &talker{from: from, to: to, conversation: from.openConversation(to)})
	}

	stop := make(chan struct{})
	var wait sync.WaitGroup
	for _, w := range ts.all {
		wait.Go(func() { w.run(stop) })
	}

	ts.stop = sync.OnceFunc(func() { close(stop); wait.Wait() })
	t.Cleanup(ts.stop)
	return ts
}

// goOn waits until each has been acknowledged some more, in the log or directly.
func (ts *talkers) waitForProgress(what string, more int64, count func(*talker) *atomic.Int64) {
	ts.t.Helper()
	until := make([]int64, len(ts.all))
	for i, w := range ts.all {
		until[i] = count(w).Load() + more
	}

	for i, w := range ts.all {
		wait.Until(ts.t, what, func() bool { return count(w).Load() >= until[i] })
	}
}

func inLog(w *talker) *atomic.Int64  { return &w.inLog }
func direct(w *talker) *atomic.Int64 { return &w.direct }

// end stops them, and compares what they said with what the others can read.
func (ts *talkers) check() {
	ts.t.Helper()
	ts.stop()
	for _, w := range ts.all {
		var read []string
		wait.Until(ts.t, "all messages are stored", func() bool {
			var complete bool
			read, complete = w.to.readAll(w.conversation)
			return complete && len(read) >= len(w.said)
		})
		if len(read) == len(w.said)+1 { // the last one may have been under way
			read = read[:len(w.said)]
		}
		if !slices.Equal(read, w.said) {
			ts.t.Errorf("%s sent %v, stored are %v", w.from.Name, w.said, read)
		}
	}
}

// TestBrokersMayGo: three have a copy of everything, and two must have it before a message counts as sent. While people write on two replicas, the leader of all
// partitions is another by election, stops, is killed, and comes back each time; then it is alone, answers everything and can't acknowledge anything.
func TestBrokersMayGo(t *testing.T) {
	ctx := context.Background()
	kafka := startService(t, services.KafkaCluster)
	addresses := newAddresses(t)
	addresses.KafkaBrokers = kafka.URL
	settings := []string{"KAFKA_REPLICATION_FACTOR", "3", "KAFKA_MIN_INSYNC_REPLICAS", "2", "LIMIT_MESSAGES", "0", "LIMIT_CONVERSATION", "0"}
	one, two := startReplicaAt(t, addresses, settings...), startReplicaAt(t, addresses, settings...)
	topic, leader := one.replica.KafkaOptions.Topic, kafka.Nodes[2]
	ts := startTalkers(t, one, two, 8)
	lead := func() {
		t.Helper()
		if err := kafka.MoveLeader(ctx, topic, leader); err != nil {
			t.Fatal(err)
		}
		ts.waitForProgress("messages go to the leader of all partitions", 5, inLog)
	}

	lead()
	for name, away := range map[string]func(*services.Service){"stopped": (*services.Service).Stop, "killed": (*services.Service).Kill} {
		away(leader)
		wait.Until(t, "another broker leads after the leader was "+name, func() bool {
			now, err := kafka.Leader(ctx, topic, 0)
			return err == nil && now != leader
		})
		ts.waitForProgress("messages go to other leaders", 5, inLog)
		if err := kafka.Start(ctx); err != nil {
			t.Fatal(err)
		}
		lead()
	}

	isBack := func(r *instance) {
		t.Helper()
		wait.Until(t, "Kafka is up", func() bool { return r.dependency("kafka").Since.IsZero() })
	}

	isBack(one)
	isBack(two)
	before := []int{one.dependency("kafka").Entered, two.dependency("kafka").Entered}
	for _, broker := range kafka.Nodes[:2] {
		broker.Kill()
	}

	ts.waitForProgress("messages are stored directly", 100, direct)
	for i, r := range []*instance{one, two} {
		if m := r.dependency("kafka"); m.Entered != before[i]+1 || m.Since.IsZero() {
			t.Errorf("Kafka had been down %d times, now %+v", before[i], m)
		}
	}

	if err := kafka.Start(ctx); err != nil {
		t.Fatal(err)
	}

	ts.waitForProgress("messages go into the log again", 5, inLog)
	isBack(one)
	isBack(two)
	ts.check()
	wait.Until(t, "the writers' lag is 0", func() bool { return total(lagOfGroup(t, one.replica.KafkaOptions)) == 0 })
}
