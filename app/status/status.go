package status

import "time"

// What operators see of the parts. Each room reads its own part, the operators' pages show it; no value of these holds a message's text
// unless that was asked for, and none a token or an e-mail address.

// KafkaState is the log as its brokers tell it.
type KafkaState struct {
	Topic             string
	Group             string
	GroupState        string // as Kafka calls it: Stable, Empty, …
	Brokers           []string
	ReplicationFactor int
	MinInSync         string
	Retention         time.Duration // negative: for ever
	Partitions        []LogPartition
	Members           []GroupMember
}

// LogPartition is one of the topic, with the group's place in it.
type LogPartition struct {
	Number    int32
	InSync    int   // replicas that have all of it
	First     int64 // the oldest record's offset
	End       int64 // the next record's
	Committed int64 // the next record's that the writer will store
	Writer    string
}

// Lag is how many records wait to be stored.
func (p LogPartition) Lag() int64 { return max(0, p.End-p.Committed) }

// Lag is that of all partitions.
func (l KafkaState) Lag() (n int64) {
	for _, p := range l.Partitions {
		n += p.Lag()
	}
	return n
}

// GroupMember is a writer.
type GroupMember struct {
	Name       string
	Host       string
	Partitions []int32
}

// LogRecord is a record without its text.
type LogRecord struct {
	Partition      int32
	Offset         int64
	MessageID      string // "" where the record can't be read
	ConversationID string
	Bytes          int
	At             time.Time
	Replays        string // the dead letter that it puts back
}

// DeadLetter is a record that couldn't be stored.
type DeadLetter struct {
	ID             string
	Origin         string // partition-offset in the log
	State          string // waiting, replayed or discarded
	Reason         string
	BuriedAt       string
	Bytes          int
	MessageID      string // this and what follows: of one that can be read
	ConversationID string
	SenderID       string
	SentAt         string
	Text           string // "" unless it was asked for
}

// PostgresState is Postgres as one replica finds it.
type PostgresState struct {
	Version   string
	Ping      time.Duration
	Bytes     int64
	Used      int32 // connections of this replica's pool
	Open      int32
	Most      int32
	Connected int64 // connections of everybody to this database
}

// RedisState is Redis as one replica finds it.
type RedisState struct {
	Version   string
	Ping      time.Duration
	Bytes     int64
	MostBytes int64 // 0: unbounded
	Clients   int64
	Used      uint32 // connections of this replica's pool
	Open      uint32
}

// ReplicaFigures are what a replica tells the others of itself.
type Replica struct {
	Name       string    `json:"name"`
	State      string    `json:"state"` // starting, ready or draining
	Since      time.Time `json:"since"`
	At         time.Time `json:"at"` // when it said so
	Streams    int       `json:"streams"`
	People     int       `json:"people"`
	Memory     uint64    `json:"memory"` // bytes that the process has
	Goroutines int       `json:"goroutines"`
	Queued     int64     `json:"queued"` // bytes that streams have not taken yet
	Acked      Latency   `json:"acked"`  // until the log had acknowledged a message
	Shown      Latency   `json:"shown"`  // from sent to its streams
	Stored     Latency   `json:"stored"` // from sent to stored by its writer
	Down       []string  `json:"down"`   // components that it can't reach
}

// Took is how long something took during the last minute; Count 0: it didn't happen.
type Latency struct {
	Count int           `json:"count"`
	P50   time.Duration `json:"p50"`
	P99   time.Duration `json:"p99"`
}

// ComponentMode is how a component has been since this replica's start.
type ComponentMode struct {
	Component string
	Since     time.Time // when it went away; zero while it is there
	Entered   int
}

// TableInfo is a table of the database.
type TableInfo struct {
	Name      string
	Rows      int64
	Estimated bool // there are too many to count
	Bytes     int64
}

// TableColumn is a column of one; a hidden one's values are never read.
type TableColumn struct {
	Name   string
	Type   string
	Hidden bool
}

// TablePage is some rows, in the order of the table's key. Next continues it; "" ends it.
type TablePage struct {
	TableInfo
	Columns []TableColumn
	Shown   []string // the heads of Rows' cells
	Rows    [][]string
	Next    string
}
