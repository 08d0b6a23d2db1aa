package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Names that operators and other tools rely on.
const (
	Topic     = "chat-messages"
	DeadTopic = "chat-messages-dead"
	Group     = "message-processor-group"
)

// Options say which log.
type Options struct {
	Brokers           string // host:port, separated by commas
	Topic             string // normally Topic; tests have their own
	DeadTopic         string
	Group             string
	Partitions        int
	ReplicationFactor int
	Replica           string // this one's host:port, told in each record; "" tells nothing
	MinInsyncReplicas int    // 0: as the brokers have it
	Security          Security
}

// Security is how the brokers and Parley show each other who they are. Protocol and Mechanism are Kafka's own words; what is empty isn't used.
type Security struct {
	Protocol                      string // "": PLAINTEXT
	Mechanism, Username, Password string
	CA, Certificate, Key          string // files
	KeyPassword                   string
}

// retention outlives any outage of the store; no byte limit, so that nothing unstored is dropped for its size.
const retention = 14 * 24 * time.Hour

// EnsureTopics makes the topics that are missing. One that exists with another number of partitions is reported and left alone: a change would
// break the order of conversations that are under way.
func EnsureTopics(ctx context.Context, o Options, logger *slog.Logger) error {
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		return err
	}
	defer admin.Close()
	config := map[string]string{"retention.ms": strconv.FormatInt(retention.Milliseconds(), 10), "retention.bytes": "-1"}
	dead := map[string]string{"retention.ms": "-1"}
	if o.MinInsyncReplicas > 0 {
		config["min.insync.replicas"], dead["min.insync.replicas"] = strconv.Itoa(o.MinInsyncReplicas), strconv.Itoa(o.MinInsyncReplicas)
	}
	results, err := admin.CreateTopics(ctx, []kafka.TopicSpecification{
		{Topic: o.Topic, NumPartitions: o.Partitions, ReplicationFactor: o.ReplicationFactor, Config: config},
		{Topic: o.DeadTopic, NumPartitions: 1, ReplicationFactor: o.ReplicationFactor, Config: dead},
	}, kafka.SetAdminOperationTimeout(10*time.Second))
	if err != nil {
		return err
	}
	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError:
			logger.Info("topic made", "topic", r.Topic)
		case kafka.ErrTopicAlreadyExists:
		default:
			return fmt.Errorf("topic %s: %w", r.Topic, r.Error)
		}
	}
	return reportPartitions(admin, o, logger)
}

func reportPartitions(admin *kafka.AdminClient, o Options, logger *slog.Logger) error {
	meta, err := admin.GetMetadata(&o.Topic, false, 5000)
	if err != nil {
		return err
	}
	if n := len(meta.Topics[o.Topic].Partitions); n > 0 && n != o.Partitions { // 0: made a moment ago, and this broker doesn't know it yet
		logger.Warn("the topic has another number of partitions than KAFKA_PARTITIONS asks for; it is left as it is",
			"topic", o.Topic, "partitions", n, "setting", o.Partitions)
	}
	return nil
}

func base(o Options) *kafka.ConfigMap {
	cfg := &kafka.ConfigMap{
		"bootstrap.servers": o.Brokers, "client.id": "parley", "log_level": 2,
		"topic.metadata.refresh.interval.ms": 10_000, "enable.metrics.push": false,
		"reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 1000, "broker.address.family": "any",
	}
	for name, value := range map[string]string{
		"security.protocol": o.Security.Protocol, "sasl.mechanism": o.Security.Mechanism, "sasl.username": o.Security.Username, "sasl.password": o.Security.Password,
		"ssl.ca.location": o.Security.CA, "ssl.certificate.location": o.Security.Certificate, "ssl.key.location": o.Security.Key, "ssl.key.password": o.Security.KeyPassword,
	} {
		if value != "" {
			(*cfg)[name] = value
		}
	}
	return cfg
}

func with(cfg *kafka.ConfigMap, more kafka.ConfigMap) *kafka.ConfigMap {
	for k, v := range more {
		(*cfg)[k] = v
	}
	return cfg
}
