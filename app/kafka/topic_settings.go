package kafka

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	// maxRecordBytes is the largest request that a producer sends. A request may hold many
	// records, so the topics must accept as much (max.message.bytes).
	maxRecordBytes = 1 << 20

	// A topic that deletes records earlier, or below this size, may lose messages that are
	// acknowledged and not stored yet, in an outage of PostgreSQL for example.
	minSafeRetention = 24 * time.Hour
	minSafeBytes     = 1 << 30

	// replicasWithQuorum is the number of copies from which a single one must not acknowledge.
	replicasWithQuorum = 3
)

// topicSettings are the settings of a topic that Parley relies on. Parley sets them when it
// creates the topic, because the brokers' defaults may be others. There is no limit of bytes,
// because records that are not stored yet must not be deleted for their size.
func topicSettings(o Options, topic string) map[string]string {
	retention := o.Retention
	if topic == o.DeadTopic {
		retention = o.DeadLetterRetention
	}
	settings := map[string]string{
		"cleanup.policy":    "delete",
		"retention.ms":      milliseconds(retention),
		"retention.bytes":   "-1",
		"max.message.bytes": strconv.Itoa(maxRecordBytes),
	}
	if o.MinInsyncReplicas > 0 {
		settings["min.insync.replicas"] = strconv.Itoa(o.MinInsyncReplicas)
	}
	return settings
}

// milliseconds formats a retention for Kafka. 0: unlimited.
func milliseconds(retention time.Duration) string {
	if retention == 0 {
		return "-1"
	}
	return strconv.FormatInt(retention.Milliseconds(), 10)
}

// topicMistakes compares the settings of an existing topic with those that Parley relies on.
// copies is the topic's number of copies. Parley changes no existing topic: the advice has the
// command.
func topicMistakes(o Options, topic string, copies int, has map[string]kafka.ConfigEntryResult) []problem {
	wrong := map[string]string{} // name → value to set
	for name, want := range topicSettings(o, topic) {
		if have := has[name].Value; have != "" && !satisfies(name, have, want) {
			wrong[name] = want
		}
	}
	if copies >= replicasWithQuorum && o.MinInsyncReplicas == 0 && has["min.insync.replicas"].Value == "1" {
		wrong["min.insync.replicas"] = "2"
	}
	if has["unclean.leader.election.enable"].Value == "true" && copies > 1 {
		wrong["unclean.leader.election.enable"] = "false"
	}

	list := unreachableQuorum(topic, copies, has["min.insync.replicas"].Value)
	if len(wrong) == 0 {
		return list
	}
	var have, set []string
	for name, want := range wrong {
		have = append(have, name+"="+has[name].Value)
		set = append(set, name+"="+want)
	}
	slices.Sort(have)
	slices.Sort(set)
	return append(list, problem{
		outage: topic == o.Topic && losesRecords(has),
		advice: fmt.Sprintf("the topic %s has %s: run kafka-configs.sh --bootstrap-server %s --alter "+
			"--entity-type topics --entity-name %s --add-config %s",
			topic, strings.Join(have, " and "), firstBroker(o), topic, strings.Join(set, ",")),
	})
}

// satisfies reports whether a setting's value is as Parley needs it.
func satisfies(name, have, want string) bool {
	switch name {
	case "cleanup.policy":
		return !strings.Contains(have, "compact")
	case "max.message.bytes", "min.insync.replicas":
		return number(have) >= number(want)
	}
	return have == want
}

// losesRecords reports whether the settings may delete a record before it is stored.
func losesRecords(has map[string]kafka.ConfigEntryResult) bool {
	kept, bytes := number(has["retention.ms"].Value), number(has["retention.bytes"].Value)
	return strings.Contains(has["cleanup.policy"].Value, "compact") ||
		kept >= 0 && kept < minSafeRetention.Milliseconds() ||
		bytes >= 0 && bytes < minSafeBytes
}

// unreachableQuorum finds a topic that acknowledges nothing, because it requires more copies
// than it has.
func unreachableQuorum(topic string, copies int, minInSync string) []problem {
	if n := number(minInSync); n <= int64(copies) || copies == 0 {
		return nil
	}
	return []problem{{
		outage: true,
		advice: fmt.Sprintf("the topic %s has min.insync.replicas=%s and copies: %d, so that nothing is acknowledged: "+
			"give it more copies (kafka-reassign-partitions.sh) or a smaller min.insync.replicas", topic, minInSync, copies),
	}}
}

// number parses a setting. An absent one is -1, as an unlimited one.
func number(value string) int64 {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func firstBroker(o Options) string {
	first, _, _ := strings.Cut(o.Brokers, ",")
	return cmp.Or(strings.TrimSpace(first), "HOST:PORT")
}
