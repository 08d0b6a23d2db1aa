package replica

import (
	"context"
	"errors"

	"parley/app/chat"
	"parley/app/kafka"
)

// migrate brings the schema up to date. It retries until the database is up. A schema
// of a later release is served as it is.
func (n *Replica) migrate(ctx context.Context) {
	if n.retry(ctx, "migrations", func() error {
		applied, err := n.store.Migrate(ctx)
		if err == nil && applied > 0 {
			n.options.Logger.Info("schema migrated", "migrations", applied)
		}
		if schema, err := n.store.SchemaStatus(ctx); err == nil && schema.Newer() {
			n.options.Logger.Warn("serving with a newer schema", "applied", schema.Applied, "known", schema.Known)
		}
		if err != nil && chat.KindOf(err) != chat.KindUnavailable {
			n.options.Logger.Error("migrations failed: not ready until the schema is current", "error", err)
		}
		return err
	}) {
		close(n.migrated)
	}
}

// createTopics creates the log's topics if they don't exist.
func (n *Replica) createTopics(ctx context.Context) {
	if n.retry(ctx, "topics", func() error {
		return kafka.EnsureTopics(ctx, n.KafkaOptions, n.options.Logger)
	}) {
		close(n.topicsCreated)
	}
}

// installationID returns the database's identity, or "" before it is known.
func (n *Replica) installationID() string {
	id, _ := n.installation.Load().(string)
	return id
}

// claimLog makes the log this installation's own, once the schema and the topics are there. A
// log of another installation ends the replica.
func (n *Replica) claimLog(ctx context.Context) {
	if !await(ctx, n.migrated, n.topicsCreated) {
		return
	}
	if n.retry(ctx, "claim of the log", func() error {
		id, err := n.store.InstallationID(ctx)
		if err != nil {
			return err
		}
		n.installation.Store(id.String())

		err = kafka.Claim(ctx, n.KafkaOptions)
		var foreign *kafka.ForeignLogError
		if errors.As(err, &foreign) {
			n.foreignLog <- err
			<-ctx.Done()
			return ctx.Err()
		}
		return err
	}) {
		close(n.logClaimed)
	}
}

// await waits for all of these channels. It returns false if ctx ended first.
func await(ctx context.Context, all ...chan struct{}) bool {
	for _, done := range all {
		select {
		case <-done:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// write runs the writer once the log is claimed, and runs it again when it fails.
func (n *Replica) write(ctx context.Context) {
	if !await(ctx, n.logClaimed) {
		return
	}
	n.retry(ctx, "writer", func() error { return n.consumer.Run(ctx) })
}
