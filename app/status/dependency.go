package status

import "time"

// Dependency is the availability of Postgres, Redis or Kafka since a replica's
// start.
type Dependency struct {
	Name    string        // "postgres", "redis" or "kafka"
	Since   time.Time     // start of the current outage; zero while it is available
	Entered int           // number of outages
	Lasted  time.Duration // total duration of the outages that are over
}
