package chaos

import (
	"context"
	"time"
)

// Fault is something that happens to an installation, and its end. Either may be nil.
type Fault struct {
	Name    string
	Inject  step
	Recover step
	Long    bool // for the long run only
	// Three tells that it needs three brokers of Kafka; others want one.
	Three bool
}

// slow is the most that a slow link takes either way: more than some deadlines allow, less than others.
const slow = 600 * time.Millisecond

// Faults are all kinds.
func Faults() []Fault {
	return []Fault{
		{Name: "a replica is killed", Inject: killReplica, Recover: startReplica},
		{Name: "a replica hangs", Inject: on(func(w *Cluster) error { return w.victim.Pause() }), Recover: on(func(w *Cluster) error { return w.victim.Resume() })},
		{Name: "rolling restart", Inject: rollingRestart},
		{Name: "Redis is killed, and starts empty", Inject: kill(redisOf), Recover: start(redisOf)},
		{Name: "Redis hangs", Inject: pause(redisOf), Recover: resume(redisOf)},
		{Name: "the link to Redis is cut", Inject: cut(redisOf), Recover: open(redisOf)},
		{Name: "the link to Redis is slow", Inject: slowed(redisOf), Recover: open(redisOf), Long: true},
		{Name: "the link to Redis is silent", Inject: silenced(redisOf), Recover: open(redisOf), Long: true},
		{Name: "Kafka is killed", Inject: kill(kafkaOf), Recover: start(kafkaOf)},
		{Name: "Kafka hangs", Inject: pause(kafkaOf), Recover: resume(kafkaOf)},
		{Name: "the link to Kafka is cut", Inject: cut(kafkaOf), Recover: open(kafkaOf)},
		{Name: "the link to Kafka is slow", Inject: slowed(kafkaOf), Recover: open(kafkaOf), Long: true},
		{Name: "the link to Kafka is silent", Inject: silenced(kafkaOf), Recover: open(kafkaOf), Long: true},
		{Name: "the topic is deleted", Inject: deleteTopic, Long: true},
		{Name: "Kafka’s leader moves by election", Inject: lead, Long: true, Three: true},
		{Name: "Kafka’s leader stops", Inject: both(lead, stop(leaderOf)), Recover: start(kafkaOf), Long: true, Three: true},
		{Name: "Kafka’s leader is killed", Inject: both(lead, kill(leaderOf)), Recover: start(kafkaOf), Three: true},
		{Name: "Kafka’s leader hangs", Inject: both(lead, pause(leaderOf)), Recover: resume(leaderOf), Three: true},
		{Name: "Kafka’s leader is left alone", Inject: both(lead, killFollowers), Recover: start(kafkaOf), Long: true, Three: true},
		{Name: "Postgres is killed", Inject: kill(postgresOf), Recover: start(postgresOf)},
		{Name: "Postgres hangs", Inject: pause(postgresOf), Recover: resume(postgresOf)},
		{Name: "the link to Postgres is cut", Inject: cut(postgresOf), Recover: open(postgresOf)},
		{Name: "the link to Postgres is slow", Inject: slowed(postgresOf), Recover: open(postgresOf), Long: true},
		{Name: "the link to Postgres is silent", Inject: silenced(postgresOf), Recover: open(postgresOf), Long: true},
		{Name: "Redis and Postgres are cut off", Inject: both(cut(redisOf), cut(postgresOf)), Recover: both(open(redisOf), open(postgresOf))},
		{Name: "Kafka and Redis are cut off", Inject: both(cut(kafkaOf), cut(redisOf)), Recover: both(open(kafkaOf), open(redisOf))},
		{Name: "Kafka and Postgres are cut off", Inject: both(cut(kafkaOf), cut(postgresOf)), Recover: both(open(kafkaOf), open(postgresOf))},
		{Name: "Postgres is cut off, then all replicas are killed", Inject: both(cut(postgresOf), talkOn, killReplicas), Recover: both(open(postgresOf), startReplicas)},
	}
}

// step is one thing done to a world, act one that can't be interrupted.
type (
	step func(ctx context.Context, w *Cluster) error
	act  func(w *Cluster) error
)

func on(a act) step {
	return func(_ context.Context, w *Cluster) error { return a(w) }
}

func redisOf(w *Cluster) Part    { return w.Redis }
func kafkaOf(w *Cluster) Part    { return w.Kafka }
func postgresOf(w *Cluster) Part { return w.Postgres }
func leaderOf(w *Cluster) Part   { return Part{Service: w.leader} }

func kill(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { of(w).Kill(); return nil })
}

func stop(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { of(w).Stop(); return nil })
}

func start(of func(*Cluster) Part) step {
	return func(ctx context.Context, w *Cluster) error { return of(w).Start(ctx) }
}

func pause(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Pause() })
}

func resume(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Resume() })
}

func cut(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Link.Cut() })
}

func open(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Link.Open() })
}

func slowed(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Link.Slow(slow) })
}

func silenced(of func(*Cluster) Part) step {
	return on(func(w *Cluster) error { return of(w).Link.Silence() })
}

// both does one after the other.
func both(steps ...step) step {
	return func(ctx context.Context, w *Cluster) error {
		for _, s := range steps {
			if err := s(ctx, w); err != nil {
				return err
			}
		}
		return nil
	}
}

// talkOn lets a fault last for a moment before the next.
func talkOn(ctx context.Context, _ *Cluster) error {
	select {
	case <-time.After(2 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lead has the chosen broker lead every partition.
func lead(ctx context.Context, w *Cluster) error { return w.Kafka.MoveLeader(ctx, topic, w.leader) }

func killFollowers(_ context.Context, w *Cluster) error {
	for _, broker := range w.Kafka.Nodes {
		if broker != w.leader {
			broker.Kill()
		}
	}
	return nil
}

// deleteTopic takes the topic from under replicas that run, and people who go on a moment later. What it had and the store hadn't yet would be lost with it.
func deleteTopic(ctx context.Context, w *Cluster) error {
	return w.crowd.stored(ctx, func() error {
		admin, err := w.admin()
		if err != nil {
			return err
		}
		defer admin.Close()
		_, err = admin.DeleteTopic(ctx, topic)
		return err
	})
}

func killReplica(_ context.Context, w *Cluster) error { w.victim.Kill(); return nil }

func startReplica(ctx context.Context, w *Cluster) error { return w.victim.Start(ctx) }

func killReplicas(_ context.Context, w *Cluster) error {
	return w.each(func(r *Replica) error { r.Kill(); return nil })
}

func startReplicas(ctx context.Context, w *Cluster) error {
	return w.each(func(r *Replica) error { return r.Start(ctx) })
}

func rollingRestart(ctx context.Context, w *Cluster) error {
	for _, r := range w.Replicas {
		r.End()
		if err := r.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}
