// Package chat is Parley's domain: people, conversations, messages, and what happens to them. It knows no Fiber, SQL,
// Redis or Kafka; the rooms that do implement the small ports of service.go.
//
// # The life of a message
//
//  1. [Service.Send] checks membership (authority.go), text (text.go) and rate (limits.go), and gives the message an id that is
//     a function of its content (ids.go), so that whatever is retried stays one message.
//  2. It appends the message to the [Log] and waits for the acknowledgement. That is the moment of "sent".
//  3. Without an acknowledgement in time it writes to the [Store] directly, behind the conversation's pending tail.
//  4. The [Bus] adds it to the conversation's tail and publishes it to the members ([MessageEvent]).
//  5. The writer reads the log in batches, numbers and stores them, and publishes [StoredEvent].
//  6. [Service.History] reads the tail first and the store second, so that a message on its way from one to the other is
//     seen twice (and shown once, by id), never missed.
package chat
