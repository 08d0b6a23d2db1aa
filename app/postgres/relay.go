package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// relayChannel is the NOTIFY channel of relay events. NOTIFY rejects payloads of
// 8,000 bytes and more (PostgreSQL documentation, NOTIFY), so a record holds at
// most maxRelayBytes.
const (
	relayChannel  = "parley_hints"
	maxRelayBytes = 7900
)

// A listener that receives nothing for listenCheckInterval checks that its
// connection works and leads to a database that accepts writes: on a read-only
// one, nothing is ever published.
const (
	listenCheckInterval = 2 * time.Second
	listenCheckTimeout  = 2 * time.Second
)

// Notify publishes relay events to every replica that listens on this database,
// including this one. After an error they may or may not have been published.
func (s *Store) Notify(ctx context.Context, events []chat.RelayEvent) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	records, err := chat.EncodeRelayEvents(events, maxRelayBytes)
	if err != nil || len(records) == 0 {
		return err
	}
	return mapError(s.q.Notify(ctx, queries.NotifyParams{Channel: relayChannel, Records: records}))
}

// Listen receives relay events on a connection of its own until the connection is
// lost or ctx ends, and returns that error. It calls ready once no further event
// can be missed, and receive for each event. A record that can't be decoded counts
// as a resync of everybody.
func (s *Store) Listen(ctx context.Context, ready func(), receive func(chat.RelayEvent)) error {
	conn, err := s.listen(ctx)
	if err != nil {
		return mapError(err)
	}
	defer closeConn(conn)

	ready()
	for {
		waiting, cancel := context.WithTimeout(ctx, listenCheckInterval)
		n, err := conn.WaitForNotification(waiting)
		timedOut := waiting.Err() != nil
		cancel()

		switch {
		case err == nil:
			for _, e := range decodeRelay(n.Payload) {
				receive(e)
			}
		case !timedOut || ctx.Err() != nil:
			return mapError(err)
		default:
			if err := checkListener(ctx, conn); err != nil {
				return mapError(err)
			}
		}
	}
}

func decodeRelay(record string) []chat.RelayEvent {
	events, err := chat.DecodeRelayEvents(record)
	if err != nil {
		return []chat.RelayEvent{{Event: chat.ResyncEvent{}}}
	}
	return events
}

func checkListener(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, listenCheckTimeout)
	defer cancel()
	return checkWritable(ctx, conn)
}

// listen connects to the database itself and subscribes to the channel.
func (s *Store) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, listenCheckTimeout)
	defer cancel()

	cfg := s.breaker.direct.Copy()
	cfg.Tracer, cfg.ConnectTimeout = nil, probeConnectTimeout
	conn, err := s.breaker.connect(ctx, cfg)
	if err != nil {
		return nil, err
	}

	if err = checkWritable(ctx, conn); err == nil {
		_, err = conn.Exec(ctx, "LISTEN "+relayChannel)
	}
	if err != nil {
		closeConn(conn)
		return nil, err
	}
	return conn, nil
}
