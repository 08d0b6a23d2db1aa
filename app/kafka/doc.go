// Package kafka is the durable log of Parley in Kafka. [Producer] appends messages to the
// topic chat-messages and waits for the acknowledgement of every in-sync replica. [Consumer],
// a member of the group message-processor-group, reads them in batches. Its handler,
// [MessageWriter], stores each batch, and only then the consumer commits the batch's offsets.
// Records that can never be stored are appended to the topic chat-messages-dead with the
// reason.
package kafka
