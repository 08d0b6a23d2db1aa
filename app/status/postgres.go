package status

import "time"

// PostgresState is Postgres as one replica sees it.
type PostgresState struct {
	Version   string
	Ping      time.Duration
	Bytes     int64 // size of the database
	Used      int32 // connections of this replica's pool in use
	Open      int32 // connections of this replica's pool
	Max       int32 // limit of this replica's pool
	Connected int64 // connections of all clients to this database
}
