package chaos

import (
	"context"

	"parley/app/drill/faults"
)

// Fault is a kind of fault of a cluster. Either step may be nil.
type Fault struct {
	Name    string
	Inject  step
	Recover step
	// Long marks a fault for the long run only.
	Long bool
	// Three marks a fault of three Kafka brokers; others want one.
	Three bool
}

// on binds the fault to a cluster.
func (f Fault) on(c *Cluster) faults.Fault {
	bind := func(s step) func(context.Context) error {
		if s == nil {
			return nil
		}

		return func(ctx context.Context) error { return s(ctx, c) }
	}
	return faults.Fault{Name: f.Name, Inject: bind(f.Inject), Recover: bind(f.Recover)}
}

// Faults lists all kinds.
func Faults() []Fault {
	return []Fault{
		{Name: "a replica is killed", Inject: killReplica, Recover: startReplica},
		{Name: "a replica hangs", Inject: pauseReplica, Recover: resumeReplica},
		{Name: "rolling restart", Inject: rollingRestart},
		{Name: "Redis is killed, and starts empty", Inject: kill(redisOf), Recover: start(redisOf)},
		{Name: "Redis hangs", Inject: pause(redisOf), Recover: resume(redisOf)},
		{Name: "the link to Redis is cut", Inject: cut(redisOf), Recover: open(redisOf)},
		{Name: "the link to Redis is slow", Inject: slow(redisOf), Recover: open(redisOf), Long: true},
		{Name: "the link to Redis is silent", Inject: silence(redisOf), Recover: open(redisOf), Long: true},
		{Name: "Kafka is killed", Inject: kill(kafkaOf), Recover: start(kafkaOf)},
		{Name: "Kafka hangs", Inject: pause(kafkaOf), Recover: resume(kafkaOf)},
		{Name: "the link to Kafka is cut", Inject: cut(kafkaOf), Recover: open(kafkaOf)},
		{Name: "the link to Kafka is slow", Inject: slow(kafkaOf), Recover: open(kafkaOf), Long: true},
		{Name: "the link to Kafka is silent", Inject: silence(kafkaOf), Recover: open(kafkaOf), Long: true},
		{Name: "the topic is deleted", Inject: deleteTopic, Long: true},
		{Name: "Kafka’s leader moves by election", Inject: moveLeader, Long: true, Three: true},
		{
			Name: "Kafka’s leader stops", Inject: sequence(moveLeader, stop(leaderOf)), Recover: start(kafkaOf),
			Long: true, Three: true,
		},
		{
			Name: "Kafka’s leader is killed", Inject: sequence(moveLeader, kill(leaderOf)), Recover: start(kafkaOf),
			Three: true,
		},
		{
			Name: "Kafka’s leader hangs", Inject: sequence(moveLeader, pause(leaderOf)), Recover: resume(leaderOf),
			Three: true,
		},
		{
			Name: "Kafka’s leader is left alone", Inject: sequence(moveLeader, killFollowers), Recover: start(kafkaOf),
			Long: true, Three: true,
		},
		{Name: "Postgres is killed", Inject: kill(postgresOf), Recover: start(postgresOf)},
		{Name: "Postgres hangs", Inject: pause(postgresOf), Recover: resume(postgresOf)},
		{Name: "the link to Postgres is cut", Inject: cut(postgresOf), Recover: open(postgresOf)},
		{Name: "the link to Postgres is slow", Inject: slow(postgresOf), Recover: open(postgresOf), Long: true},
		{Name: "the link to Postgres is silent", Inject: silence(postgresOf), Recover: open(postgresOf), Long: true},
		{
			Name:    "Redis and Postgres are cut off",
			Inject:  sequence(cut(redisOf), cut(postgresOf)),
			Recover: sequence(open(redisOf), open(postgresOf)),
		},
		{
			Name:    "Kafka and Redis are cut off",
			Inject:  sequence(cut(kafkaOf), cut(redisOf)),
			Recover: sequence(open(kafkaOf), open(redisOf)),
		},
		{
			Name:    "Kafka and Postgres are cut off",
			Inject:  sequence(cut(kafkaOf), cut(postgresOf)),
			Recover: sequence(open(kafkaOf), open(postgresOf)),
		},
		{
			Name:    "Postgres is cut off, then all replicas are killed",
			Inject:  sequence(cut(postgresOf), hold, killReplicas),
			Recover: sequence(open(postgresOf), startReplicas),
		},
	}
}
