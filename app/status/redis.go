package status

import "time"

// RedisState is Redis as one replica sees it.
type RedisState struct {
	Version  string
	Ping     time.Duration
	Bytes    int64 // memory in use
	MaxBytes int64 // 0: unlimited
	Clients  int64
	Used     uint32 // connections of this replica's pool in use
	Open     uint32 // connections of this replica's pool
}
