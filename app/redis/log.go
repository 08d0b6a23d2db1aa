package redis

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// repeatAfter is the time after which a line with the same cause is logged again.
	repeatAfter = time.Minute
	// maxCauses bounds the memory of a logLimit.
	maxCauses = 100
)

// logLimit limits log lines to one per cause and minute. The zero value is ready to use.
// Safe for concurrent use.
type logLimit struct {
	mu     sync.Mutex
	logged map[string]time.Time // by cause
}

// allow reports whether a line of a cause may be written.
func (l *logLimit) allow(cause string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, known := l.logged[cause]; known && time.Since(last) < repeatAfter {
		return false
	}

	if l.logged == nil || len(l.logged) >= maxCauses {
		l.logged = map[string]time.Time{}
	}
	l.logged[cause] = time.Now()
	return true
}

// clientLog passes the lines of go-redis, which has one logger for the process, to slog. It
// limits each kind of line, because a pool writes one for every failed connection.
type clientLog struct {
	limit  logLimit
	logger atomic.Pointer[slog.Logger]
}

var goRedisLog = &clientLog{}

func init() { redis.SetLogger(goRedisLog) }

// SetLogger makes the client library of Redis log to logger, for all clients of the
// process. Before, its lines are dropped.
func SetLogger(logger *slog.Logger) { goRedisLog.logger.Store(logger) }

// Printf implements the logger of go-redis. The format is the kind of line.
func (c *clientLog) Printf(ctx context.Context, format string, v ...any) {
	logger := c.logger.Load()
	if logger == nil {
		return
	}
	if c.limit.allow(format) {
		line := strings.TrimPrefix(fmt.Sprintf(format, v...), "redis: ")
		logger.WarnContext(ctx, "redis client", "line", line)
	}
}
