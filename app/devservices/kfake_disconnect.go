package devservices

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parley/app/loop"
)

const (
	// leaderTimeout is how long a group's leader may need to send its SyncGroup request.
	leaderTimeout = 300 * time.Millisecond

	removeRetryDelay = 20 * time.Millisecond
)

// disconnector removes a member from kfake's consumer groups when the member's connection
// closes. A real broker would wait for the member's session timeout. kfake does not: during a
// rebalance it waits for a member that died before its JoinGroup was answered, as long as a
// rebalance may take. Meanwhile it expires the living members that wait too. A living member
// whose connection was lost is told that it is unknown, and joins again.
type disconnector struct {
	client *kgo.Client
	admin  *kadm.Client
	cancel context.CancelFunc
	ended  chan struct{} // closed when run has ended

	mu     sync.Mutex
	own    map[string]bool // addresses of client's own connections
	closed map[string]bool // addresses of closed connections, not processed yet
	wake   chan struct{}   // signals that closed is not empty

	leaderTimeout time.Duration // tests lengthen it
}

func newDisconnector() *disconnector {
	return &disconnector{
		own:           map[string]bool{},
		closed:        map[string]bool{},
		wake:          make(chan struct{}, 1),
		ended:         make(chan struct{}),
		leaderTimeout: leaderTimeout,
	}
}

// listen is kfake's listen function. It reports the end of each connection.
func (d *disconnector) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}

	return reportingListener{l, d.connClosed}, nil
}

// start begins to remove members. cluster must have been created with listen.
func (d *disconnector) start(cluster *kfake.Cluster) (err error) {
	d.client, err = kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(d.dial))
	if err != nil {
		return err
	}

	d.admin = kadm.NewClient(d.client)
	var ctx context.Context
	ctx, d.cancel = context.WithCancel(context.Background())
	go d.run(ctx)
	return nil
}

// close ends the disconnector. The cluster must still run.
func (d *disconnector) close() {
	d.cancel()
	<-d.ended
	d.client.Close()
}

// dial connects the disconnector's own client, whose connections must not be processed.
func (d *disconnector) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.own[conn.LocalAddr().String()] = true
	return conn, nil
}

// connClosed records that the connection from address was closed.
func (d *disconnector) connClosed(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.own[address] {
		delete(d.own, address)
		return
	}

	d.closed[address] = true
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *disconnector) run(ctx context.Context) {
	defer close(d.ended)

	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}

		d.mu.Lock()
		closed := d.closed
		d.closed = map[string]bool{}
		d.mu.Unlock()
		d.removeMembers(ctx, closed)
	}
}

// removeMembers removes the members with these addresses from all groups. After an error they
// stay until their session timeout.
func (d *disconnector) removeMembers(ctx context.Context, closed map[string]bool) {
	// kfake miscounts a member that leaves while its SyncGroup waits: the group's next
	// rebalance then lasts until its timeout. SyncGroup waits for the leader's request, so
	// removal waits for that too. If the leader itself died, its request never arrives, hence
	// the timeout.
	for until := time.Now().Add(d.leaderTimeout); ; {
		groups, err := d.admin.DescribeGroups(ctx)
		if err != nil {
			return
		}

		waiting := false

		for _, g := range groups {
			members := membersAt(g, closed)
			switch {
			case len(members) == 0:
			case g.State == "CompletingRebalance" && time.Now().Before(until):
				waiting = true
			default:
				d.leaveGroup(ctx, g.Group, members)
			}
		}

		if !waiting || !loop.Sleep(ctx, removeRetryDelay) {
			return
		}
	}
}

// membersAt returns the ids of the group's members with one of the addresses.
func membersAt(g kadm.DescribedGroup, addresses map[string]bool) (ids []string) {
	for _, m := range g.Members {
		if addresses[m.ClientHost] {
			ids = append(ids, m.MemberID)
		}
	}

	return ids
}

func (d *disconnector) leaveGroup(ctx context.Context, group string, members []string) {
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = group

	for _, id := range members {
		m := kmsg.NewLeaveGroupRequestMember()
		m.MemberID = id
		request.Members = append(request.Members, m)
	}

	_, _ = request.RequestWith(ctx, d.client)
}

// reportingListener accepts connections that report their end, once.
type reportingListener struct {
	net.Listener
	closed func(address string)
}

// Accept closes connections of other users of this machine (isOwnPeer).
func (l reportingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	for err == nil && !isOwnPeer(conn) {
		conn.Close()
		conn, err = l.Listener.Accept()
	}

	if err != nil {
		return nil, err
	}

	report := sync.OnceFunc(func() { l.closed(conn.RemoteAddr().String()) })
	return &reportingConn{Conn: conn, closed: report}, nil
}

type reportingConn struct {
	net.Conn
	closed func()
}

func (c *reportingConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
