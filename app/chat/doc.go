// Package chat is Parley's domain: people, conversations and messages, and the rules
// for them. It knows no Fiber, SQL, Redis or Kafka. Other packages implement its
// small ports.
//
// It has three services, each with the ports that it uses in its Deps:
//
//   - [Messages] sends messages and reads conversations.
//   - [People] finds people, keeps friendships and blocks, and announces presence.
//   - [Accounts] signs people in, and keeps sessions, settings and pictures.
//
// All three share an [Access], which caches who is signed in and who may write where.
//
// # The life of a message
//
//  1. [Messages.Send] checks the text (text.go), the membership (access.go) and the
//     rate (send_limits.go), and derives the message's id from its content (ids.go),
//     so that a retry is the same message.
//  2. It appends the message to the [Log] and waits for the acknowledgement. From
//     then on the message is sent.
//  3. Without an acknowledgement in time it writes to the store directly, after the
//     pending tail of the conversation (direct_write.go).
//  4. The [Bus] adds the message to the conversation's tail and publishes it to the
//     members ([MessageEvent]).
//  5. The log's writer reads the log in batches, numbers and stores the messages, and
//     publishes a [StoredEvent].
//  6. [Messages.History] reads the tail first and the store second. A message that
//     moves from the tail to the store meanwhile is in both and shown once, by its
//     id. It is never missed.
package chat
