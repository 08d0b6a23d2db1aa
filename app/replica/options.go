package replica

import (
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres"
)

// PostgresOptions returns the options of the database that the settings name.
func PostgresOptions(cfg config.Config, at Addresses) postgres.Options {
	return postgres.Options{
		URL:            at.DatabaseURL,
		MaxConnections: cfg.DatabaseMaxConnections,
		Pooled:         cfg.DatabasePooler == "transaction",
		DirectURL:      cfg.DatabaseDirectURL,
		ReadURL:        cfg.DatabaseReadURL,
	}
}

// KafkaOptions returns the options of the log that the settings name.
func KafkaOptions(cfg config.Config, at Addresses) kafka.Options {
	return kafka.Options{
		Brokers:           at.KafkaBrokers,
		Topic:             cfg.KafkaPrefix + kafka.Topic + at.Suffix,
		DeadTopic:         cfg.KafkaPrefix + kafka.DeadTopic + at.Suffix,
		Group:             cfg.KafkaPrefix + kafka.Group + at.Suffix,
		Partitions:        cfg.KafkaPartitions,
		ReplicationFactor: cfg.KafkaReplicationFactor,
		MinInsyncReplicas: cfg.KafkaMinInsyncReplicas,
		StoresLog:         cfg.Writer,
		Security:          kafka.Security(cfg.KafkaSecurity),

		Retention:           days(cfg.KafkaRetentionDays),
		DeadLetterRetention: days(cfg.DeadLetterRetentionDays),
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
