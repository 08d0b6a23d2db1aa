package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// The channel of hints, and what a record of it may have: NOTIFY refuses 8,000 bytes (PostgreSQL documentation, NOTIFY).
const (
	hintChannel = "parley_hints"
	hintBytes   = 7900
)

// Notify gives hints to every replica that listens on this database, this one included. After an error they may or may not have been given.
func (s *Store) Notify(ctx context.Context, hints []chat.RelayEvent) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	records, err := chat.EncodeRelayEvents(hints, hintBytes)
	if err != nil || len(records) == 0 {
		return err
	}
	return mapError(s.q.Notify(ctx, queries.NotifyParams{Channel: hintChannel, Records: records}))
}

// How often a quiet listener makes sure that it is still heard of, and by a database that takes writes: on another one nobody notifies.
const (
	listenCheck  = 2 * time.Second
	checkTimeout = 2 * time.Second
)

// Listen holds one connection of its own, and tells what is notified until the connection is lost or ctx ends, which the error says. ready is called when
// nothing more is missed. A record that can't be read counts as a resync of everybody.
func (s *Store) Listen(ctx context.Context, ready func(), heard func(chat.RelayEvent)) error {
	conn, err := s.listen(ctx)
	if err != nil {
		return mapError(err)
	}
	defer hangUp(conn)
	ready()
	for {
		wait, cancel := context.WithTimeout(ctx, listenCheck)
		n, err := conn.WaitForNotification(wait)
		quiet := wait.Err() != nil
		cancel()
		switch {
		case err == nil:
			hints, err := chat.DecodeRelayEvents(n.Payload)
			if err != nil {
				hints = []chat.RelayEvent{{Event: chat.ResyncEvent{}}}
			}
			for _, h := range hints {
				heard(h)
			}
		case !quiet || ctx.Err() != nil:
			return mapError(err)
		default:
			check, cancel := context.WithTimeout(ctx, checkTimeout)
			err := writable(check, conn)
			cancel()
			if err != nil {
				return mapError(err)
			}
		}
	}
}

func (s *Store) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	cfg := s.gate.direct.Copy()
	cfg.Tracer, cfg.ConnectTimeout = nil, probeConnect
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err = writable(ctx, conn); err == nil {
		_, err = conn.Exec(ctx, "LISTEN "+hintChannel)
	}
	if err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}
