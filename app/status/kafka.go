// Package status holds the types that operators see: the state of each dependency
// and each replica, and the trace of single messages. The adapters fill them and
// the operators' pages show them. No value holds the text of a message unless the
// operator asked for it, and none holds a token or an e-mail address.
package status

import "time"

// KafkaState is the log as the brokers report it.
type KafkaState struct {
	Topic             string
	Group             string // of the writers
	GroupState        string // in Kafka's words: Stable, Empty, …
	Brokers           []string
	ReplicationFactor int
	MinInSync         string
	Retention         time.Duration // negative: unlimited
	Partitions        []LogPartition
	Members           []GroupMember
}

// Lag returns how many records of all partitions are not stored yet.
func (s KafkaState) Lag() (n int64) {
	for _, p := range s.Partitions {
		n += p.Lag()
	}
	return n
}

// OutOfSync returns how many partitions have fewer copies in sync than they should.
func (s KafkaState) OutOfSync() (n int) {
	for _, p := range s.Partitions {
		if p.InSync < s.ReplicationFactor {
			n++
		}
	}
	return n
}

// LogPartition is a partition of the log's topic, with the offset that the group
// has committed in it.
type LogPartition struct {
	Number    int32
	InSync    int   // replicas that have every record
	First     int64 // offset of the oldest record
	End       int64 // offset of the next record
	Committed int64 // offset of the next record to store
	Writer    string
	Paused    string // why no writer of this release may store the record at Committed; "": it may
}

// Lag returns how many records of the partition are not stored yet.
func (p LogPartition) Lag() int64 { return max(0, p.End-p.Committed) }

// GroupMember is a writer in the consumer group.
type GroupMember struct {
	Name       string
	Host       string
	Partitions []int32
}

// LogRecord is a record of the log without its text.
type LogRecord struct {
	Partition      int32
	Offset         int64
	MessageID      string // "": the record can't be decoded
	ConversationID string
	Bytes          int
	At             time.Time
	Replays        string // id of the dead letter that the record replays; "": none
}
