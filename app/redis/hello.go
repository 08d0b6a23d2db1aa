package redis

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// refusedConnection is what a server says before it closes a new connection: it has too
// many, or is in protected mode. It is no redis.Error, because there is no reply to a command.
type refusedConnection struct{ reply string }

// Error implements error.
func (r *refusedConnection) Error() string { return "connection refused: " + r.reply }

// helloHook keeps the words of a server that refuses a connection. go-redis takes them for
// a server without HELLO, continues, and reports the end of the connection instead.
type helloHook struct{}

// ProcessHook implements redis.Hook.
func (helloHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil || cmd.Name() != "hello" {
			return err
		}

		text := err.Error()
		if strings.HasPrefix(text, "DENIED") || strings.HasPrefix(text, "ERR max number of clients") {
			err = &refusedConnection{text}
			cmd.SetErr(err)
		}
		return err
	}
}

// DialHook implements redis.Hook.
func (helloHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (helloHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// keepRefusals makes client report the words of a server that refuses connections.
func keepRefusals(client redis.UniversalClient) redis.UniversalClient {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(helloHook{}) })
		return client
	}
	client.AddHook(helloHook{})
	return client
}
