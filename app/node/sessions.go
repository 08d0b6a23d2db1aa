package node

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	recheckEvery = time.Minute      // how long a stream may outlive its session when Redis couldn't say that it has ended
	seenWrites   = 10 * time.Second // how long what is known of sessions' use waits, so that it is written for many at once
	sweepEvery   = time.Hour        // at most: expired sessions are in nobody's way
)

// watchSessions ends the streams of sessions that ended unheard, reads again who may write where, writes which sessions were used, and removes what is left
// of those that expired.
func (n *Node) watchSessions(ctx context.Context) {
	recheck, seen := time.NewTicker(recheckEvery), time.NewTicker(seenWrites)
	defer recheck.Stop()
	defer seen.Stop()
	sweep := time.NewTicker(sweepEvery/2 + rand.N(sweepEvery/2)) // #nosec G404 -- replicas that started together needn't do it together
	defer sweep.Stop()
	for {
		select {
		case <-recheck.C:
			n.recheckSessions(ctx)
			n.recheckMemberships(ctx)
		case <-seen.C:
			n.writeSeen(ctx)
		case <-sweep.C:
			n.sweepSessions(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// recheckSessions asks the store, once, for all sessions that have streams here. While it is silent they stay.
func (n *Node) recheckSessions(ctx context.Context) {
	ids := n.hub.Sessions()
	if len(ids) == 0 {
		return
	}
	ended, err := n.service.EndedSessions(ctx, ids)
	if err != nil {
		n.logger.Warn("sessions not checked", "error", err)
		return
	}
	if len(ended) > 0 {
		n.logger.Info("sessions ended unheard", "sessions", len(ended))
		n.hub.EndSessions(ended)
	}
}

func (n *Node) sweepSessions(ctx context.Context) {
	swept, err := n.service.ForgetExpired(ctx)
	if err != nil {
		n.logger.Warn("expired sessions not removed", "error", err)
	}
	if swept > 0 {
		n.logger.Info("expired sessions removed", "sessions", swept)
	}
}

// recheckMemberships asks the store for the cached memberships of those who have streams here, many at once.
func (n *Node) recheckMemberships(ctx context.Context) {
	changed, err := n.service.RecheckMemberships(ctx, n.hub.People())
	if err != nil {
		n.logger.Warn("memberships not checked", "error", err)
	}
	if changed > 0 {
		n.logger.Info("memberships changed unheard", "conversations", changed)
	}
}

func (n *Node) writeSeen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second) // the last one is on a draining replica's way
	defer cancel()
	if err := n.service.WriteSeen(ctx); err != nil {
		n.logger.Warn("use of sessions not written yet", "error", err)
	}
}
