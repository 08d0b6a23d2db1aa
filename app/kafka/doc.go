// Package kafka is the durable log, in Kafka: [Producer] appends messages to the topic chat-messages and waits for every
// in-sync replica; [Writer], in the group message-processor-group, stores them in batches and only then commits its offsets.
// What can never be stored goes to the topic chat-messages-dead with its reason.
package kafka
