package devservices

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parley/test/wait"
)

const (
	testGroup   = "group"
	fiveMinutes = 300_000 // longer than any of these tests waits: what ends a member earlier is its departure
)

// member is one client of testGroup, with connections of its own.
type member struct {
	t      *testing.T
	client *kgo.Client
	id     string
	joined chan *kmsg.JoinGroupResponse
	synced chan *kmsg.SyncGroupResponse
}

func newMember(t *testing.T, cluster *kfake.Cluster) *member {
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	m := &member{t: t, client: client, joined: make(chan *kmsg.JoinGroupResponse, 1), synced: make(chan *kmsg.SyncGroupResponse, 1)}
	first := m.request()
	answer, err := first.RequestWith(context.Background(), client)
	if err != nil || kerr.ErrorForCode(answer.ErrorCode) != kerr.MemberIDRequired {
		t.Fatal(err, answer)
	}
	m.id = answer.MemberID
	return m
}

func (m *member) request() *kmsg.JoinGroupRequest {
	r := kmsg.NewPtrJoinGroupRequest()
	r.Group, r.MemberID, r.ProtocolType = testGroup, m.id, "consumer"
	r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = fiveMinutes, fiveMinutes
	r.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range"}}
	return r
}

// join asks; the answer comes by joined.
func (m *member) join() {
	go func() {
		if answer, err := m.request().RequestWith(context.Background(), m.client); err == nil {
			m.joined <- answer
		}
	}()
}

// sync asks; the answer comes by synced.
func (m *member) sync(generation int32) {
	r := kmsg.NewPtrSyncGroupRequest()
	r.Group, r.MemberID, r.Generation = testGroup, m.id, generation
	go func() {
		if answer, err := r.RequestWith(context.Background(), m.client); err == nil {
			m.synced <- answer
		}
	}()
}

func (m *member) beat(generation int32) error {
	r := kmsg.NewPtrHeartbeatRequest()
	r.Group, r.MemberID, r.Generation = testGroup, m.id, generation
	answer, err := r.RequestWith(context.Background(), m.client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.ErrorCode)
}

// die closes the connections, as the kernel does for a process that was killed.
func (m *member) die() { m.client.Close() }

// answered waits for what comes by a channel.
func answered[T any](t *testing.T, what string, answers <-chan T) (answer T) {
	t.Helper()
	wait.Until(t, "an answer to "+what, func() bool {
		select {
		case answer = <-answers:
			return true
		default:
			return false
		}
	})
	return answer
}

func (m *member) mustJoin() *kmsg.JoinGroupResponse {
	m.t.Helper()
	answer := answered(m.t, "JoinGroup", m.joined)
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		m.t.Fatal(err)
	}
	return answer
}

// mustSync answers the error that SyncGroup was answered with, if any.
func (m *member) mustSync() error {
	m.t.Helper()
	return kerr.ErrorForCode(answered(m.t, "SyncGroup", m.synced).ErrorCode)
}

func aKafka(t *testing.T) (*kfake.Cluster, *departures) {
	cluster, left, err := startKafka()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		left.close()
		cluster.Close()
	})
	return cluster, left
}

func members(t *testing.T, d *departures) int {
	groups, err := d.admin.DescribeGroups(context.Background(), testGroup)
	if err != nil {
		t.Fatal(err)
	}
	return len(groups[testGroup].Members)
}

// counted counts cluster's requests of a kind from now on.
func counted(cluster *kfake.Cluster, kind kmsg.Key) *atomic.Int32 {
	n := new(atomic.Int32)
	cluster.ControlKey(kind.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		n.Add(1)
		return nil, nil, false
	})
	return n
}

// alone is a group of one stable member.
func alone(t *testing.T, cluster *kfake.Cluster) *member {
	m := newMember(t, cluster)
	m.join()
	answer := m.mustJoin()
	m.sync(answer.Generation)
	if err := m.mustSync(); err != nil {
		t.Fatal(err)
	}
	return m
}

// two is a group of two that joined, and are to sync: the leader and the other.
func two(t *testing.T, cluster *kfake.Cluster, left *departures) (leader, other *member, generation int32) {
	leader = alone(t, cluster)
	other = newMember(t, cluster)
	other.join()
	wait.Until(t, "the second member", func() bool { return members(t, left) == 2 })
	leader.join()
	answer := leader.mustJoin()
	if other.mustJoin(); answer.LeaderID != leader.id {
		t.Fatal("the leader changed")
	}
	return leader, other, answer.Generation
}

// Without departures its JoinGroup counts as long as the rebalance takes; as a member that can't be answered it has no session that could end.
func TestAMemberThatDiedWhileItsJoinWaitsHoldsNobodyUp(t *testing.T) {
	cluster, left := aKafka(t)
	survivor := alone(t, cluster)
	dead := newMember(t, cluster)
	dead.join()
	wait.Until(t, "the second member", func() bool { return members(t, left) == 2 })
	dead.die()
	wait.Until(t, "the dead member’s departure", func() bool { return members(t, left) == 1 })
	survivor.join()
	answer := survivor.mustJoin()
	if len(answer.Members) != 1 || answer.LeaderID != survivor.id {
		t.Fatal(answer)
	}
	survivor.sync(answer.Generation)
	if err := survivor.mustSync(); err != nil {
		t.Fatal(err)
	}
}

func TestAMemberThatDiedWhileItsSyncWaitsIsCountedRightly(t *testing.T) {
	cluster, left := aKafka(t)
	left.leaderAnswers = time.Minute
	leader, other, generation := two(t, cluster, left)
	synced, looked := counted(cluster, kmsg.SyncGroup), counted(cluster, kmsg.DescribeGroups)
	other.sync(generation)
	wait.Until(t, "the other’s sync", func() bool { return synced.Load() == 1 })
	other.die()
	wait.Until(t, "two looks for who left", func() bool { return looked.Load() >= 2 })
	leader.sync(generation)
	if err := leader.mustSync(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "the other’s departure", func() bool { return members(t, left) == 1 })
	if err := leader.beat(generation); err != kerr.RebalanceInProgress {
		t.Fatal(err)
	}
	leader.join()
	leader.mustJoin()
}

func TestALeaderThatDiedBeforeItSyncedIsReplaced(t *testing.T) {
	cluster, left := aKafka(t)
	leader, other, generation := two(t, cluster, left)
	other.sync(generation)
	leader.die()
	if err := other.mustSync(); err != kerr.RebalanceInProgress {
		t.Fatal(err)
	}
	other.join()
	if answer := other.mustJoin(); answer.LeaderID != other.id {
		t.Fatal(answer)
	}
}

// The connection that looks up who left closes too, and isn't looked up: it would never end.
func TestTheWatchIsNobodysDeparture(t *testing.T) {
	cluster, left := aKafka(t)
	alone(t, cluster)
	if members(t, left) != 1 {
		t.Fatal("no member")
	}
	left.client.Close()
	wait.Until(t, "its connections’ end", func() bool {
		left.mu.Lock()
		defer left.mu.Unlock()
		return len(left.own) == 0
	})
	left.mu.Lock()
	defer left.mu.Unlock()
	if len(left.gone) != 0 || len(left.woken) != 0 {
		t.Fatal("it looks itself up")
	}
}
