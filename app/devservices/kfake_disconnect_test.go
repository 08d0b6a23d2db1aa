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
	testGroup = "group"

	// fiveMinutes in milliseconds is longer than any of these tests: only the disconnector can
	// remove a member earlier.
	fiveMinutes = 300_000
)

// member is a client of testGroup with connections of its own.
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
	m := &member{
		t:      t,
		client: client,
		joined: make(chan *kmsg.JoinGroupResponse, 1),
		synced: make(chan *kmsg.SyncGroupResponse, 1),
	}

	// The first JoinGroup is answered with the id that the member must join with.
	response, err := m.joinRequest().RequestWith(context.Background(), client)
	if err != nil || kerr.ErrorForCode(response.ErrorCode) != kerr.MemberIDRequired {
		t.Fatal(err, response)
	}

	m.id = response.MemberID
	return m
}

func (m *member) joinRequest() *kmsg.JoinGroupRequest {
	r := kmsg.NewPtrJoinGroupRequest()
	r.Group, r.MemberID, r.ProtocolType = testGroup, m.id, "consumer"
	r.SessionTimeoutMillis, r.RebalanceTimeoutMillis = fiveMinutes, fiveMinutes
	r.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range"}}
	return r
}

// join sends JoinGroup. joined receives the response.
func (m *member) join() {
	go func() {
		if response, err := m.joinRequest().RequestWith(context.Background(), m.client); err == nil {
			m.joined <- response
		}
	}()
}

// sync sends SyncGroup. synced receives the response.
func (m *member) sync(generation int32) {
	r := kmsg.NewPtrSyncGroupRequest()
	r.Group, r.MemberID, r.Generation = testGroup, m.id, generation
	go func() {
		if response, err := r.RequestWith(context.Background(), m.client); err == nil {
			m.synced <- response
		}
	}()
}

// heartbeat returns the error that the broker responds with.
func (m *member) heartbeat(generation int32) error {
	r := kmsg.NewPtrHeartbeatRequest()
	r.Group, r.MemberID, r.Generation = testGroup, m.id, generation

	response, err := r.RequestWith(context.Background(), m.client)
	if err != nil {
		return err
	}

	return kerr.ErrorForCode(response.ErrorCode)
}

// die closes the connections, as the kernel does for a process that was killed.
func (m *member) die() { m.client.Close() }

func receive[T any](t *testing.T, what string, responses <-chan T) (response T) {
	t.Helper()
	wait.Until(t, "a response to "+what, func() bool {
		select {
		case response = <-responses:
			return true
		default:
			return false
		}
	})
	return response
}

// awaitJoin waits for the response to join, which must not be an error.
func (m *member) awaitJoin() *kmsg.JoinGroupResponse {
	m.t.Helper()

	response := receive(m.t, "JoinGroup", m.joined)
	if err := kerr.ErrorForCode(response.ErrorCode); err != nil {
		m.t.Fatal(err)
	}

	return response
}

// awaitSync waits for the response to sync and returns its error.
func (m *member) awaitSync() error {
	m.t.Helper()
	return kerr.ErrorForCode(receive(m.t, "SyncGroup", m.synced).ErrorCode)
}

func (m *member) mustSync(generation int32) {
	m.t.Helper()
	m.sync(generation)

	if err := m.awaitSync(); err != nil {
		m.t.Fatal(err)
	}
}

func newKafka(t *testing.T) (*kfake.Cluster, *disconnector) {
	cluster, d, err := startKafka()
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		d.close()
		cluster.Close()
	})
	return cluster, d
}

func waitMembers(t *testing.T, d *disconnector, want int) {
	t.Helper()
	wait.Until(t, "the group’s number of members", func() bool { return memberCount(t, d) == want })
}

func memberCount(t *testing.T, d *disconnector) int {
	groups, err := d.admin.DescribeGroups(context.Background(), testGroup)
	if err != nil {
		t.Fatal(err)
	}

	return len(groups[testGroup].Members)
}

// countRequests counts cluster's requests of a kind from now on.
func countRequests(cluster *kfake.Cluster, kind kmsg.Key) *atomic.Int32 {
	n := new(atomic.Int32)
	cluster.ControlKey(kind.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		n.Add(1)
		return nil, nil, false
	})
	return n
}

// stableGroup returns the only member of a stable group.
func stableGroup(t *testing.T, cluster *kfake.Cluster) *member {
	m := newMember(t, cluster)
	m.join()
	m.mustSync(m.awaitJoin().Generation)
	return m
}

// joinedPair returns the leader and the other member of a group in which both have joined and
// none has sent SyncGroup.
func joinedPair(t *testing.T, cluster *kfake.Cluster, d *disconnector) (leader, other *member, generation int32) {
	leader = stableGroup(t, cluster)
	other = newMember(t, cluster)
	other.join()
	waitMembers(t, d, 2)
	leader.join()

	response := leader.awaitJoin()
	if other.awaitJoin(); response.LeaderID != leader.id {
		t.Fatal("the leader changed")
	}

	return leader, other, response.Generation
}

// TestAMemberThatDiedDuringItsJoinIsRemoved. kfake would count its JoinGroup for as long as
// the rebalance may take: a member that cannot be answered has no session that could time out.
func TestAMemberThatDiedDuringItsJoinIsRemoved(t *testing.T) {
	cluster, d := newKafka(t)
	survivor := stableGroup(t, cluster)
	dead := newMember(t, cluster)
	dead.join()
	waitMembers(t, d, 2)
	dead.die()
	waitMembers(t, d, 1)

	survivor.join()

	response := survivor.awaitJoin()
	if len(response.Members) != 1 || response.LeaderID != survivor.id {
		t.Fatal(response)
	}

	survivor.mustSync(response.Generation)
}

func TestAMemberThatDiedDuringItsSyncIsRemovedAfterTheLeadersSync(t *testing.T) {
	cluster, d := newKafka(t)
	d.leaderTimeout = time.Minute
	leader, other, generation := joinedPair(t, cluster, d)
	syncs, descriptions := countRequests(cluster, kmsg.SyncGroup), countRequests(cluster, kmsg.DescribeGroups)
	other.sync(generation)
	wait.Until(t, "the other member's SyncGroup", func() bool { return syncs.Load() == 1 })
	other.die()
	wait.Until(t, "two requests for the group's members", func() bool { return descriptions.Load() >= 2 })

	leader.mustSync(generation)
	waitMembers(t, d, 1)

	if err := leader.heartbeat(generation); err != kerr.RebalanceInProgress {
		t.Fatal(err)
	}

	leader.join()
	leader.awaitJoin()
}

func TestALeaderThatDiedBeforeItsSyncIsReplaced(t *testing.T) {
	cluster, d := newKafka(t)
	leader, other, generation := joinedPair(t, cluster, d)
	other.sync(generation)
	leader.die()

	if err := other.awaitSync(); err != kerr.RebalanceInProgress {
		t.Fatal(err)
	}

	other.join()

	if response := other.awaitJoin(); response.LeaderID != other.id {
		t.Fatal(response)
	}
}

// TestTheDisconnectorIgnoresItsOwnConnections: processing their end would need a connection,
// whose end would be processed, and so on.
func TestTheDisconnectorIgnoresItsOwnConnections(t *testing.T) {
	cluster, d := newKafka(t)
	stableGroup(t, cluster)

	if memberCount(t, d) != 1 {
		t.Fatal("the group has no member")
	}

	d.client.Close()
	wait.Until(t, "the end of the disconnector's connections", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.own) == 0
	})
	d.mu.Lock()
	defer d.mu.Unlock()

	if len(d.closed) != 0 || len(d.wake) != 0 {
		t.Fatal("the disconnector processes its own connections")
	}
}
