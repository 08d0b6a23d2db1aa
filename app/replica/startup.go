package replica

import (
	"context"
	"errors"

	"parley/app/kafka"
	"parley/app/postgres"
)

// migrate brings the schema up to date. It retries until the database is up. A schema
// of a later release is served as it is.
func (n *Replica) migrate(ctx context.Context) {
	if n.retry(ctx, "migrations", func() error {
		applied, err := n.store.Migrate(ctx)
		if err == nil && applied > 0 {
			n.options.Logger.Info("schema migrated", "migrations", applied)
		}
		if newer := n.store.CheckSchema(ctx); errors.Is(newer, postgres.ErrNewerSchema) {
			n.options.Logger.Warn("serving with a newer schema", "error", newer)
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

// write runs the writer once the schema and the topics are there, and runs it again
// when it fails.
func (n *Replica) write(ctx context.Context) {
	for _, done := range []chan struct{}{n.migrated, n.topicsCreated} {
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
	}
	n.retry(ctx, "writer", func() error { return n.consumer.Run(ctx) })
}
