package replica

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	recheckInterval = time.Minute      // how long a stream may outlive its session when Redis couldn't say that it has ended
	seenWrites      = 10 * time.Second // how long what is known of sessions' use waits, so that it is written for many at once
	sweepInterval   = time.Hour        // at most: expired sessions are in nobody's way
)

// watchSessions ends the streams of sessions that ended unheard, reads again who may write where, writes which sessions were used, and removes what is left
// of those that expired.
func (n *Replica) watchSessions(ctx context.Context) {
	recheck, seen := time.NewTicker(recheckInterval), time.NewTicker(seenWrites)
	defer recheck.Stop()
	defer seen.Stop()
	sweep := time.NewTicker(sweepInterval/2 + rand.N(sweepInterval/2)) // #nosec G404 -- replicas that started together needn't do it together
	defer sweep.Stop()
	for {
		select {
		case <-recheck.C:
			n.RecheckSessions(ctx)
			n.RecheckMemberships(ctx)
		case <-seen.C:
			n.WriteSeen(ctx)
		case <-sweep.C:
			n.sweepSessions(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// recheckSessions asks the store, once, for all sessions that have streams here. While it is silent they stay.
func (n *Replica) RecheckSessions(ctx context.Context) {
	ids := n.Hub.Sessions()
	if len(ids) == 0 {
		return
	}
	ended, err := n.Service.EndedSessions(ctx, ids)
	if err != nil {
		n.Logger.Warn("sessions not checked", "error", err)
		return
	}
	if len(ended) > 0 {
		n.Logger.Info("sessions ended unheard", "sessions", len(ended))
		n.Hub.EndSessions(ended)
	}
}

func (n *Replica) sweepSessions(ctx context.Context) {
	swept, err := n.Service.ForgetExpired(ctx)
	if err != nil {
		n.Logger.Warn("expired sessions not removed", "error", err)
	}
	if swept > 0 {
		n.Logger.Info("expired sessions removed", "sessions", swept)
	}
}

// recheckMemberships asks the store for the cached memberships of those who have streams here, many at once.
func (n *Replica) RecheckMemberships(ctx context.Context) {
	changed, err := n.Service.RecheckMemberships(ctx, n.Hub.People())
	if err != nil {
		n.Logger.Warn("memberships not checked", "error", err)
	}
	if changed > 0 {
		n.Logger.Info("memberships changed unheard", "conversations", changed)
	}
}

func (n *Replica) WriteSeen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second) // the last one is on a draining replica's way
	defer cancel()
	if err := n.Service.WriteSeen(ctx); err != nil {
		n.Logger.Warn("use of sessions not written yet", "error", err)
	}
}
