package faults

import (
	"context"
	"time"
)

// Fault is something that happens to an installation, and its end. Either may be nil.
type Fault struct {
	Name string
	Hurt step
	Heal step
	Long bool // for the long run only
	// Three tells that it needs three brokers of Kafka; others want one.
	Three bool
}

// slow is the most that a slow link takes either way: more than some deadlines allow, less than others.
const slow = 600 * time.Millisecond

// Faults are all kinds.
func Faults() []Fault {
	return []Fault{
		{Name: "a replica is killed", Hurt: killReplica, Heal: startReplica},
		{Name: "a replica hangs", Hurt: on(func(w *World) error { return w.victim.Pause() }), Heal: on(func(w *World) error { return w.victim.Resume() })},
		{Name: "rolling restart", Hurt: rollingRestart},
		{Name: "Redis is killed, and starts empty", Hurt: kill(redisOf), Heal: start(redisOf)},
		{Name: "Redis hangs", Hurt: pause(redisOf), Heal: resume(redisOf)},
		{Name: "the link to Redis is cut", Hurt: cut(redisOf), Heal: open(redisOf)},
		{Name: "the link to Redis is slow", Hurt: slowed(redisOf), Heal: open(redisOf), Long: true},
		{Name: "the link to Redis is silent", Hurt: silenced(redisOf), Heal: open(redisOf), Long: true},
		{Name: "Kafka is killed", Hurt: kill(kafkaOf), Heal: start(kafkaOf)},
		{Name: "Kafka hangs", Hurt: pause(kafkaOf), Heal: resume(kafkaOf)},
		{Name: "the link to Kafka is cut", Hurt: cut(kafkaOf), Heal: open(kafkaOf)},
		{Name: "the link to Kafka is slow", Hurt: slowed(kafkaOf), Heal: open(kafkaOf), Long: true},
		{Name: "the link to Kafka is silent", Hurt: silenced(kafkaOf), Heal: open(kafkaOf), Long: true},
		{Name: "the topic is deleted", Hurt: deleteTopic, Long: true},
		{Name: "Kafka’s leader moves by election", Hurt: lead, Long: true, Three: true},
		{Name: "Kafka’s leader stops", Hurt: both(lead, stop(leaderOf)), Heal: start(kafkaOf), Long: true, Three: true},
		{Name: "Kafka’s leader is killed", Hurt: both(lead, kill(leaderOf)), Heal: start(kafkaOf), Three: true},
		{Name: "Kafka’s leader hangs", Hurt: both(lead, pause(leaderOf)), Heal: resume(leaderOf), Three: true},
		{Name: "Kafka’s leader is left alone", Hurt: both(lead, killFollowers), Heal: start(kafkaOf), Long: true, Three: true},
		{Name: "Postgres is killed", Hurt: kill(postgresOf), Heal: start(postgresOf)},
		{Name: "Postgres hangs", Hurt: pause(postgresOf), Heal: resume(postgresOf)},
		{Name: "the link to Postgres is cut", Hurt: cut(postgresOf), Heal: open(postgresOf)},
		{Name: "the link to Postgres is slow", Hurt: slowed(postgresOf), Heal: open(postgresOf), Long: true},
		{Name: "the link to Postgres is silent", Hurt: silenced(postgresOf), Heal: open(postgresOf), Long: true},
		{Name: "Redis and Postgres are cut off", Hurt: both(cut(redisOf), cut(postgresOf)), Heal: both(open(redisOf), open(postgresOf))},
		{Name: "Kafka and Redis are cut off", Hurt: both(cut(kafkaOf), cut(redisOf)), Heal: both(open(kafkaOf), open(redisOf))},
		{Name: "Kafka and Postgres are cut off", Hurt: both(cut(kafkaOf), cut(postgresOf)), Heal: both(open(kafkaOf), open(postgresOf))},
		{Name: "Postgres is cut off, then all replicas are killed", Hurt: both(cut(postgresOf), talkOn, killReplicas), Heal: both(open(postgresOf), startReplicas)},
	}
}

// step is one thing done to a world, act one that can't be interrupted.
type (
	step func(ctx context.Context, w *World) error
	act  func(w *World) error
)

func on(a act) step {
	return func(_ context.Context, w *World) error { return a(w) }
}

func redisOf(w *World) Part    { return w.Redis }
func kafkaOf(w *World) Part    { return w.Kafka }
func postgresOf(w *World) Part { return w.Postgres }
func leaderOf(w *World) Part   { return Part{Service: w.leader} }

func kill(of func(*World) Part) step {
	return on(func(w *World) error { of(w).Kill(); return nil })
}

func stop(of func(*World) Part) step {
	return on(func(w *World) error { of(w).Stop(); return nil })
}

func start(of func(*World) Part) step {
	return func(ctx context.Context, w *World) error { return of(w).Start(ctx) }
}

func pause(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Pause() })
}

func resume(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Resume() })
}

func cut(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Link.Cut() })
}

func open(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Link.Open() })
}

func slowed(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Link.Slow(slow) })
}

func silenced(of func(*World) Part) step {
	return on(func(w *World) error { return of(w).Link.Silence() })
}

// both does one after the other.
func both(steps ...step) step {
	return func(ctx context.Context, w *World) error {
		for _, s := range steps {
			if err := s(ctx, w); err != nil {
				return err
			}
		}
		return nil
	}
}

// talkOn lets a fault last for a moment before the next.
func talkOn(ctx context.Context, _ *World) error {
	select {
	case <-time.After(2 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lead has the chosen broker lead every partition.
func lead(ctx context.Context, w *World) error { return w.Kafka.Lead(ctx, topic, w.leader) }

func killFollowers(_ context.Context, w *World) error {
	for _, broker := range w.Kafka.Parts {
		if broker != w.leader {
			broker.Kill()
		}
	}
	return nil
}

// deleteTopic takes the topic from under replicas that run, and people who go on a moment later. What it had and the store hadn't yet would be lost with it.
func deleteTopic(ctx context.Context, w *World) error {
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

func killReplica(_ context.Context, w *World) error { w.victim.Kill(); return nil }

func startReplica(ctx context.Context, w *World) error { return w.victim.Start(ctx) }

func killReplicas(_ context.Context, w *World) error {
	return w.each(func(r *Replica) error { r.Kill(); return nil })
}

func startReplicas(ctx context.Context, w *World) error {
	return w.each(func(r *Replica) error { return r.Start(ctx) })
}

func rollingRestart(ctx context.Context, w *World) error {
	for _, r := range w.Replicas {
		r.End()
		if err := r.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}
