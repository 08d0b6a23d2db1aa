package node

import (
	"parley/app/config"
	"parley/app/messagelog"
)

// LogOptions say which log the settings mean.
func LogOptions(cfg config.Config, at Addresses) messagelog.Options {
	return messagelog.Options{
		Brokers: at.KafkaBrokers, Topic: messagelog.Topic + at.Suffix, DeadTopic: messagelog.DeadTopic + at.Suffix, Group: messagelog.Group + at.Suffix,
		Partitions: cfg.KafkaPartitions, ReplicationFactor: cfg.KafkaReplicationFactor, MinInsyncReplicas: cfg.KafkaMinInsyncReplicas,
		Security: messagelog.Security(cfg.KafkaSecurity),
	}
}
