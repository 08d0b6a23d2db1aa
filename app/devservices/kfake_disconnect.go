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
)

// departures has the members of kfake's consumer groups leave when their connection closes. A broker would wait for their session's timeout; kfake,
// while it rebalances, waits as long as a rebalance may take for one that died before its JoinGroup was answered, and meanwhile expires those that live and wait with it.
// A member that lives and lost its connection only learns that it is unknown, and joins again.
type departures struct {
	client *kgo.Client
	admin  *kadm.Client
	mu     sync.Mutex
	own    map[string]bool // addresses of client's connections
	gone   map[string]bool // addresses of closed connections nobody has looked up
	woken  chan struct{}
	ended  chan struct{}
	cancel context.CancelFunc
	// leaderAnswers is for how long a leader may be about to answer.
	leaderAnswers time.Duration
}

func newDepartures() *departures {
	return &departures{own: map[string]bool{}, gone: map[string]bool{}, woken: make(chan struct{}, 1), ended: make(chan struct{}), leaderAnswers: 300 * time.Millisecond}
}

// listen listens for kfake.
func (d *departures) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return watchedListener{l, d.left}, nil
}

// watch begins to watch cluster, which listens by listen.
func (d *departures) watch(cluster *kfake.Cluster) (err error) {
	if d.client, err = kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(d.dial)); err != nil {
		return err
	}
	d.admin = kadm.NewClient(d.client)
	var ctx context.Context
	ctx, d.cancel = context.WithCancel(context.Background())
	go d.run(ctx)
	return nil
}

// close ends the watching; the cluster is still there.
func (d *departures) close() {
	d.cancel()
	<-d.ended
	d.client.Close()
}

func (d *departures) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.own[conn.LocalAddr().String()] = true
	return conn, nil
}

// left hears that the connection from address is closed.
func (d *departures) left(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.own[address] {
		delete(d.own, address)
		return
	}
	d.gone[address] = true
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

func (d *departures) run(ctx context.Context) {
	defer close(d.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.woken:
		}
		d.mu.Lock()
		gone := d.gone
		d.gone = map[string]bool{}
		d.mu.Unlock()
		d.lookUp(ctx, gone)
	}
}

const lookRetryDelay = 20 * time.Millisecond

// lookUp has the members whose addresses these are leave. What fails is left to their sessions' timeouts.
func (d *departures) lookUp(ctx context.Context, gone map[string]bool) {
	// A member that leaves while its SyncGroup waits is miscounted, and the group's next rebalance lasts until its timeout. The leader's answer ends the
	// waiting; if it was the leader that died, nobody's does.
	for until := time.Now().Add(d.leaderAnswers); ; {
		groups, err := d.admin.DescribeGroups(ctx)
		if err != nil {
			return
		}
		waits := false
		for _, g := range groups {
			var members []string
			for _, m := range g.Members {
				if gone[m.ClientHost] {
					members = append(members, m.MemberID)
				}
			}
			switch {
			case len(members) == 0:
			case g.State == "CompletingRebalance" && time.Now().Before(until):
				waits = true
			default:
				d.leave(ctx, g.Group, members)
			}
		}
		if !waits {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookRetryDelay):
		}
	}
}

func (d *departures) leave(ctx context.Context, group string, members []string) {
	request := kmsg.NewPtrLeaveGroupRequest()
	request.Group = group
	for _, id := range members {
		m := kmsg.NewLeaveGroupRequestMember()
		m.MemberID = id
		request.Members = append(request.Members, m)
	}
	_, _ = request.RequestWith(ctx, d.client)
}

// watchedListener's connections say when they are closed, once.
type watchedListener struct {
	net.Listener
	closed func(address string)
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, closed: sync.OnceFunc(func() { l.closed(conn.RemoteAddr().String()) })}, nil
}

type watchedConn struct {
	net.Conn
	closed func()
}

func (c *watchedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
