package chaos

import (
	"context"
	"errors"
	"time"

	"parley/app/loop"
	"parley/test/parley"
)

// step is one action on a cluster; target selects what it acts on.
type (
	step   func(ctx context.Context, c *Cluster) error
	target func(c *Cluster) Dependency
)

func redisOf(c *Cluster) Dependency    { return c.Redis }
func kafkaOf(c *Cluster) Dependency    { return c.Kafka }
func postgresOf(c *Cluster) Dependency { return c.Postgres }
func leaderOf(c *Cluster) Dependency   { return Dependency{Service: c.leader} }

// on makes a step of an action that can't be interrupted.
func on(of target, do func(Dependency) error) step {
	return func(_ context.Context, c *Cluster) error { return do(of(c)) }
}

func kill(of target) step { return on(of, func(d Dependency) error { d.Kill(); return nil }) }

func stop(of target) step { return on(of, func(d Dependency) error { d.Stop(); return nil }) }

func start(of target) step {
	return func(ctx context.Context, c *Cluster) error { return of(c).Start(ctx) }
}

func pause(of target) step { return on(of, func(d Dependency) error { return d.Pause() }) }

func resume(of target) step { return on(of, func(d Dependency) error { return d.Resume() }) }

func cut(of target) step { return on(of, func(d Dependency) error { return d.Links.Cut() }) }

func open(of target) step { return on(of, func(d Dependency) error { return d.Links.Open() }) }

func silence(of target) step { return on(of, func(d Dependency) error { return d.Links.Silence() }) }

// slow delays by up to 600 ms in each direction: more than some deadlines allow,
// less than others.
func slow(of target) step {
	return on(of, func(d Dependency) error { return d.Links.Slow(600 * time.Millisecond) })
}

// sequence runs steps one after the other, until one fails.
func sequence(steps ...step) step {
	return func(ctx context.Context, c *Cluster) error {
		for _, s := range steps {
			if err := s(ctx, c); err != nil {
				return err
			}
		}

		return nil
	}
}

// hold lets a fault last for a moment before the next step.
func hold(ctx context.Context, _ *Cluster) error {
	if !loop.Sleep(ctx, 2*time.Second) {
		return ctx.Err()
	}

	return nil
}

// moveLeader has the chosen broker lead every partition.
func moveLeader(ctx context.Context, c *Cluster) error {
	return c.Kafka.MoveLeader(ctx, topic, c.leader)
}

func killFollowers(_ context.Context, c *Cluster) error {
	for _, broker := range c.Kafka.Nodes {
		if broker != c.leader {
			broker.Kill()
		}
	}

	return nil
}

// deleteTopic deletes the topic under replicas that run, while people pause.
// What is in the log and not stored yet would be lost with it.
func deleteTopic(ctx context.Context, c *Cluster) error {
	return c.workload.whileStored(ctx, func() error { return c.deleteTopic(ctx) })
}

func killReplica(_ context.Context, c *Cluster) error { c.victim.Kill(); return nil }

func startReplica(ctx context.Context, c *Cluster) error { return c.victim.Start(ctx) }

func pauseReplica(_ context.Context, c *Cluster) error { return c.victim.Pause() }

func resumeReplica(_ context.Context, c *Cluster) error { return c.victim.Resume() }

func killReplicas(_ context.Context, c *Cluster) error {
	return c.each(func(r *parley.Replica) error { r.Kill(); return nil })
}

func startReplicas(ctx context.Context, c *Cluster) error {
	return c.each(func(r *parley.Replica) error { return r.Start(ctx) })
}

func rollingRestart(ctx context.Context, c *Cluster) error {
	for _, r := range c.Replicas {
		if err := errors.Join(r.Stop(), r.Start(ctx)); err != nil {
			return err
		}
	}

	return nil
}
