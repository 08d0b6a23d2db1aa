package integration

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"

	"parley/app/chat"
	"parley/app/replica"
)

// Two replicas are shared by all tests that change no setting, stop nothing, read
// neither logs nor counters and expect no empty database. A start takes about 4 s,
// so each starts with the first test that uses it and ends with the process.
var (
	sharedScope = &processScope{}
	shared      = sync.OnceValue(func() *instance { return startShared(newAddresses(sharedScope)) })
	sharedTwo   = sync.OnceValue(func() *instance { return startShared(shared().addresses) })
)

// startShared starts a replica without rate limits for messages, searches and pictures.
func startShared(addresses replica.Addresses) *instance {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		sharedScope.Fatal(err)
	}

	r := startReplicaWith(sharedScope, addresses, replica.Options{
		Logger:    slog.New(slog.NewTextHandler(&sharedScope.log, nil)),
		Operators: l,
		ShowText:  true,
	}, "LIMIT_MESSAGES", "0", "LIMIT_CONVERSATION", "0", "LIMIT_SEARCHES", "0", "LIMIT_UPLOADS", "0")

	r.operators = &operator{base: "http://" + l.Addr().String()}
	return r
}

// sharedReplica returns the shared replica. People who sign in there have names
// that are unique to the test.
func sharedReplica(t *testing.T) *instance {
	t.Helper()
	return shared().forTest(t, newNameSuffix())
}

// sharedPair returns both shared replicas, where the same names are the same people.
func sharedPair(t *testing.T) (one, two *instance) {
	t.Helper()
	suffix := newNameSuffix()
	return shared().forTest(t, suffix), sharedTwo().forTest(t, suffix)
}

// newNameSuffix returns " " and eight random characters.
func newNameSuffix() string {
	id := chat.NewID().String()
	return " " + id[len(id)-8:]
}

// forTest returns the shared replica as one test uses it.
func (r *instance) forTest(t *testing.T, nameSuffix string) *instance {
	own := *r
	own.t, own.nameSuffix = t, nameSuffix
	own.operators = &operator{t: t, base: r.operators.base}
	return &own
}

// processScope is the testing.TB of the shared replicas. It ends with the process.
type processScope struct {
	testing.TB
	log      lockedBuffer
	cleanups []func()
}

func (s *processScope) Helper()           {}
func (s *processScope) Cleanup(f func())  { s.cleanups = append(s.cleanups, f) }
func (s *processScope) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (s *processScope) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (s *processScope) Errorf(format string, args ...any) {
	fmt.Fprintf(&s.log, format+"\n", args...)
}

// end stops the shared replicas. If tests failed, it writes the replicas' log to w.
func (s *processScope) end(failed bool, w io.Writer) {
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
	if failed {
		_, _ = w.Write(s.log.Bytes())
	}
}

// lockedBuffer is a buffer that several replicas write to.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
