package redis

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// neededRights are the rules of an ACL that Parley's user needs.
const neededRights = "~parley:* &parley:* +@connection +@read +@write +@pubsub +@scripting +time +info"

// explanations are sentences for operators by the beginning of a reply. Nothing but the
// wording depends on them.
var explanations = []struct{ reply, sentence string }{
	{"WRONGPASS", "the server refuses the user or the password of REDIS_URL"},
	{"NOAUTH", "the server wants a password: write it in REDIS_URL, as redis://user:password@host:port"},
	{"AUTH ", "the server refuses the user or the password of REDIS_URL"},
	{"Client sent AUTH", "the server has no password: remove the one of REDIS_URL"},
	{"DB index", "the server has no database of the number in REDIS_URL"},
	{"invalid DB index", "the server has no database of the number in REDIS_URL"},
	{"SELECT is not allowed", "a cluster has database 0 only: remove the number from REDIS_URL"},
	{
		"Cluster support disabled",
		"that Redis is no cluster: write redis://host:port in REDIS_URL",
	},
	{
		"This instance has cluster support disabled",
		"that Redis is no cluster: write redis://host:port in REDIS_URL",
	},
	{"DENIED", "the server is in protected mode: set a password at it and write it in REDIS_URL"},
	{"max number of clients", "the server has no connection left: raise its maxclients"},
	{"READONLY", "REDIS_URL leads to a replica, which only reads: write the master's address"},
	{"OOM", "the server's memory is full: raise its maxmemory"},
	{"MISCONF", "the server can't save its data and so rejects writes: free its disk"},
	{"NOREPLICAS", "the server has fewer replicas than its min-replicas-to-write"},
	{"LOADING", "the server is still loading its data"},
	{"MASTERDOWN", "REDIS_URL leads to a replica whose master is down"},
	{"CLUSTERDOWN", "the cluster is down: see CLUSTER INFO at its nodes"},
	{"MOVED", "that Redis is a node of a cluster: write redis+cluster://host1:6379,host2:6379 in REDIS_URL"},
	{"CROSSSLOT", "that Redis is a node of a cluster: write redis+cluster://host1:6379,host2:6379 in REDIS_URL"},
	{"unknown command", "the server doesn't have a command: it is renamed, disabled or of a later release"},
	{"WRONGTYPE", "a key below parley: is of another program: give Parley a database of its own"},
}

// explain returns an error for operators that names what to change. It keeps the reply, and
// contains no password.
func explain(err error) error {
	if r := (*rejection)(nil); errors.As(err, &r) {
		return fmt.Errorf("%s (%s: %s)", sentence(r.err), r.command, shorten(replyOf(r.err)))
	}
	return fmt.Errorf("%s (%s)", sentence(err), shorten(replyOf(err)))
}

// sentence names the cause of err and what to change.
func sentence(err error) string {
	var refused *refusedConnection
	if !isReply(err) && !errors.As(err, &refused) {
		return "no Redis answers there: check the host and the port of REDIS_URL, redis or rediss (TLS), and whether it runs"
	}

	text := strings.TrimPrefix(replyOf(err), "ERR ")
	if strings.Contains(text, "NOPERM") || strings.Contains(text, "can't run this command") {
		return missingRight(text)
	}
	for _, e := range explanations {
		if strings.HasPrefix(text, e.reply) {
			return e.sentence
		}
	}
	return "the server of REDIS_URL rejects what Parley does"
}

// missingRight names the right that a reply says is missing.
func missingRight(text string) string {
	right := "to its commands"
	switch {
	case strings.Contains(text, "channel"):
		right = "to the channels, &parley:*"
	case strings.Contains(text, " key"):
		right = "to the keys, ~parley:*"
	}
	return "the user of REDIS_URL lacks the right " + right + "; all that Parley needs: " + neededRights
}

// replyOf returns the reply in err, without what go-redis says about the connection.
func replyOf(err error) string {
	if reply := redis.Error(nil); errors.As(err, &reply) {
		return reply.Error()
	}
	if refused := (*refusedConnection)(nil); errors.As(err, &refused) {
		return refused.reply
	}
	return err.Error()
}

const maxReplyText = 120 // bytes

func shorten(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text = strings.TrimPrefix(text, "WRONGPASS ") // WRONG begins the findings of a check
	if len(text) > maxReplyText {
		text = text[:maxReplyText] + "…"
	}
	return text
}
