package chat

import "context"

// Log is the durable log (Kafka).
type Log interface {
	// Append returns the message's offset once every in-sync replica of the partition
	// has it. An error that wraps ErrUnknownOutcome means that the message may be in
	// the log, now or later. After any other error it is not and will not be. Append
	// returns no later than ctx ends.
	Append(ctx context.Context, m Message) (offset int64, err error)
}
