package kafka

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Operators and other tools rely on these names.
const (
	// Topic is the log's topic.
	Topic = "chat-messages"
	// DeadTopic is the topic of dead letters.
	DeadTopic = "chat-messages-dead"
	// Group is the consumer group that stores the log.
	Group = "message-processor-group"
)

// Options identify the log: its brokers, topics and consumer group.
type Options struct {
	Brokers           string // host:port, separated by commas
	Topic             string // Topic, except in tests, which share a broker
	DeadTopic         string
	Group             string
	Partitions        int
	ReplicationFactor int
	MinInsyncReplicas int    // 0: the brokers' default
	StoresLog         bool   // this process reads the log and stores it, so that it needs the rights to do so
	Replica           string // host:port of this replica, written into each record's header; "": no header
	Security          Security

	// The retentions of the topics; 0: records are never deleted. That of the log is longer
	// than any outage of the store, and covers the age of the backup that may be restored.
	Retention           time.Duration
	DeadLetterRetention time.Duration

	// Installation returns the id of the database that stores this log, or "" while it is unknown.
	// nil: it is never known, and the log is not checked.
	Installation func() string

	// BeforeRecreate is called before a Producer creates a deleted topic again. Offsets of the
	// new topic start at 0, so offsets of the old one that are stored elsewhere must be
	// deleted first. nil: there are none.
	BeforeRecreate func(context.Context) error
}

// Security is how brokers and clients authenticate each other. Protocol and Mechanism have
// Kafka's own values. Empty fields are not set.
type Security struct {
	Protocol                      string // "": PLAINTEXT
	Mechanism, Username, Password string
	CA, Certificate, Key          string // files
	KeyPassword                   string
}

// clientConfig returns the settings that all clients share, and more.
func clientConfig(o Options, more kafka.ConfigMap) *kafka.ConfigMap {
	config := kafka.ConfigMap{
		"bootstrap.servers": o.Brokers,
		"client.id":         "parley",
		"log_level":         2,
		// librdkafka keeps its log to itself instead of printing plain text: its errors arrive as events.
		"log.queue":                          true,
		"topic.metadata.refresh.interval.ms": 10_000,
		"enable.metrics.push":                false,
		"reconnect.backoff.ms":               50,
		"reconnect.backoff.max.ms":           1000,
		"broker.address.family":              "any",
	}

	for name, value := range map[string]string{
		"security.protocol":        o.Security.Protocol,
		"sasl.mechanism":           o.Security.Mechanism,
		"sasl.username":            o.Security.Username,
		"sasl.password":            o.Security.Password,
		"ssl.ca.location":          o.Security.CA,
		"ssl.certificate.location": o.Security.Certificate,
		"ssl.key.location":         o.Security.Key,
		"ssl.key.password":         o.Security.KeyPassword,
	} {
		if value != "" {
			config[name] = value
		}
	}

	for name, value := range more {
		config[name] = value
	}
	return &config
}

// newAdmin returns a client for requests that administer topics and groups.
func newAdmin(o Options) (*kafka.AdminClient, error) {
	return kafka.NewAdminClient(clientConfig(o, nil))
}
