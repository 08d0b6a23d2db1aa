package replica

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	recheckInterval = time.Minute      // bounds how long a stream outlives its session while Redis is down
	seenInterval    = 10 * time.Second // so that the use of many sessions is written at once
	sweepInterval   = time.Hour        // at most; expired sessions only occupy space

	seenTimeout = time.Second // a draining replica waits for the last write
)

// watchSessions ends the streams of ended sessions, reads memberships and followed channels
// again, writes which sessions were used, and deletes expired ones.
func (n *Replica) watchSessions(ctx context.Context) {
	recheck, seen := time.NewTicker(recheckInterval), time.NewTicker(seenInterval)
	defer recheck.Stop()
	defer seen.Stop()

	// #nosec G404 -- random, so that replicas that started together don't sweep together
	sweep := time.NewTicker(sweepInterval/2 + rand.N(sweepInterval/2))
	defer sweep.Stop()

	for {
		select {
		case <-recheck.C:
			n.RecheckSessions(ctx)
			n.RecheckMemberships(ctx)
			n.RecheckFollows()
		case <-seen.C:
			n.WriteSeen(ctx)
		case <-sweep.C:
			n.deleteExpiredSessions(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// RecheckSessions closes the streams and ends the exports of sessions that have ended,
// which it reads from the store in one query. While the store is down, they stay.
func (n *Replica) RecheckSessions(ctx context.Context) {
	ids := append(n.Hub.Sessions(), n.Accounts.WorkingSessions()...)
	if len(ids) == 0 {
		return
	}

	ended, err := n.Accounts.EndedSessions(ctx, ids)
	if err != nil {
		n.options.Logger.Warn("session check failed", "error", err)
		return
	}
	if len(ended) > 0 {
		n.options.Logger.Info("streams of ended sessions closed", "sessions", len(ended))
		n.Hub.EndSessions(ended)
	}
}

// RecheckMemberships reads the cached memberships of the people with streams here
// again, many in one query.
func (n *Replica) RecheckMemberships(ctx context.Context) {
	changed, err := n.Access.RecheckMemberships(ctx, n.Hub.People())
	if err != nil {
		n.options.Logger.Warn("membership check failed", "error", err)
	}
	if changed > 0 {
		n.options.Logger.Info("cached memberships corrected", "conversations", changed)
	}
}

// RecheckFollows lets be read again which channels the people with streams here follow, because
// an InvalidateEvent may have been lost.
func (n *Replica) RecheckFollows() { n.follows.ReadAgain(n.Hub.People()...) }

// WriteSeen stores which sessions were used since the last call.
func (n *Replica) WriteSeen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, seenTimeout)
	defer cancel()
	if err := n.Accounts.WriteSeen(ctx); err != nil {
		n.options.Logger.Warn("session use not written", "error", err)
	}
}

func (n *Replica) deleteExpiredSessions(ctx context.Context) {
	deleted, err := n.Accounts.ForgetExpired(ctx)
	if err != nil {
		n.options.Logger.Warn("expired sessions not deleted", "error", err)
	}
	if deleted > 0 {
		n.options.Logger.Info("expired sessions deleted", "sessions", deleted)
	}
}
