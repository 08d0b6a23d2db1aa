package admin

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/app/status"
	"parley/views/components"
)

// Reading is what a part last said of itself, or why it said nothing.
type Reading[T any] struct {
	Value T
	Err   error
}

// OK tells whether there is a value.
func (r Reading[T]) OK() bool { return r.Err == nil }

// ErrSilent says that a part doesn't answer.
var ErrNoAnswer = errors.New("it does not answer")

// Rate is how fast something grows, per second, and how fast it did.
type Rate struct {
	PerSecond float64
	Points    []float64
}

// Pipeline is everything that the page of that name shows.
type Pipeline struct {
	At           time.Time
	ShowText     bool
	Kafka        Reading[status.KafkaState]
	Appended     Rate
	Stored       Rate
	Lag          []float64 // how many records did, the oldest first
	Acked        []float64 // milliseconds, half of the messages took less
	Shown        []float64
	Records      Reading[[]status.LogRecord]
	DeadLetters  Reading[[]status.DeadLetter]
	Postgres     Reading[status.PostgresState]
	Redis        Reading[status.RedisState]
	Replicas     Reading[[]status.Replica]
	Self         status.Replica
	Dependencies []status.Dependency // as this replica finds them
}

// replicas are all of them, or only this one while they can't be asked for.
func (p Pipeline) replicas() []status.Replica {
	if !p.Replicas.OK() || len(p.Replicas.Value) == 0 {
		return []status.Replica{p.Self}
	}
	return p.Replicas.Value
}

func (p Pipeline) waiting() (list []status.DeadLetter) {
	for _, d := range p.DeadLetters.Value {
		if d.State == "waiting" {
			list = append(list, d)
		}
	}
	return list
}

func (p Pipeline) away() (list []status.Dependency) {
	for _, m := range p.Dependencies {
		if !m.Since.IsZero() {
			list = append(list, m)
		}
	}
	return list
}

const silence = "–"

// steps are the stations of a message's way, with the figure of each.
func (p Pipeline) steps() []components.PipelineStep {
	streams, people, counts := 0, 0, map[string]int{}
	for _, r := range p.replicas() {
		streams, people = streams+r.Streams, people+r.People
		counts[r.State]++
	}
	var states []string
	for _, state := range []string{"ready", "starting", "draining"} {
		if n := counts[state]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, state))
		}
	}
	log, writer := p.logSteps()
	return []components.PipelineStep{
		{Name: "Browsers", Detail: "post and listen", Figure: components.Thousands(int64(streams)), Unit: plural(streams, "stream"), State: "pending"},
		{Name: "Replicas", Detail: strings.Join(states, ", "), Figure: rateWords(p.Appended, p.Kafka.OK()), Unit: "messages/s", State: "pending"},
		log,
		p.busStep(),
		{Name: "Screens", Detail: "through " + count(len(p.replicas()), "hub"), Figure: components.Thousands(int64(people)), Unit: cmp.Or(map[bool]string{true: "person"}[people == 1], "people"), State: "delivered", Branch: true},
		writer,
		p.databaseStep(),
	}
}

func (p Pipeline) logSteps() (log, writer components.PipelineStep) {
	log = components.PipelineStep{Name: "Log", Detail: "Kafka does not answer", Figure: silence, State: "sent", Down: true}
	writer = components.PipelineStep{Name: "Writer", Detail: "its place is in Kafka", Figure: silence, State: "sent", Down: true}
	if !p.Kafka.OK() {
		return log, writer
	}
	held := int64(0)
	for _, part := range p.Kafka.Value.Partitions {
		held += part.End - part.First
	}
	log.Detail, log.Figure, log.Unit, log.Down = "Kafka, "+count(len(p.Kafka.Value.Partitions), "partition"), components.Thousands(held), plural(int(held), "record"), false
	members := len(p.Kafka.Value.Members)
	writer.Detail, writer.Figure, writer.Unit, writer.Down = count(members, "member")+" of the group", components.Thousands(p.Kafka.Value.Lag()), "waiting", members == 0
	return log, writer
}

func (p Pipeline) busStep() components.PipelineStep {
	s := components.PipelineStep{Name: "Bus", Detail: "Redis does not answer", Figure: silence, State: "sent", Branch: true, Down: true}
	if p.Redis.OK() {
		s.Detail, s.Figure, s.Unit, s.Down = strings.TrimSpace("Redis "+p.Redis.Value.Version), milliseconds(p.Redis.Value.Ping), "ms to answer", false
	}
	return s
}

func (p Pipeline) databaseStep() components.PipelineStep {
	s := components.PipelineStep{Name: "Database", Detail: "Postgres does not answer", Figure: silence, State: "stored", Down: true}
	if p.Postgres.OK() {
		s.Detail, s.Figure, s.Unit, s.Down = "Postgres "+shortVersion(p.Postgres.Value.Version), milliseconds(p.Postgres.Value.Ping), "ms to answer", false
	}
	return s
}

// shortVersion is without what a distribution adds.
func shortVersion(v string) string { return strings.SplitN(v, " ", 2)[0] }

func (p Pipeline) measures() []components.Stat {
	lag, note := silence, "Kafka does not answer"
	if p.Kafka.OK() {
		if lag, note = components.Thousands(p.Kafka.Value.Lag()), "Records that the writer has not stored yet"; p.Kafka.Value.Lag() == 0 {
			note = "The writer keeps up"
		}
	}
	return []components.Stat{
		{Name: "Into the log", Figure: rateWords(p.Appended, p.Kafka.OK()), Unit: "messages/s", Note: "All replicas together", Points: p.Appended.Points},
		{Name: "Stored from it", Figure: rateWords(p.Stored, p.Kafka.OK()), Unit: "messages/s", Note: "What the group has committed", Points: p.Stored.Points},
		{Name: "On their way", Figure: lag, Unit: "messages", Note: note, Points: p.Lag},
		timing("Post to acknowledged", p.Slowest(func(r status.Replica) status.Latency { return r.Acked }), p.Acked),
		timing("Post to screens", p.Slowest(func(r status.Replica) status.Latency { return r.Shown }), p.Shown),
	}
}

// Slowest is what took longest, of all replicas: half of its messages took less than P50, 1 % more than P99.
func (p Pipeline) Slowest(of func(status.Replica) status.Latency) (worst status.Latency) {
	for _, r := range p.replicas() {
		if t := of(r); t.Count > 0 {
			worst.Count += t.Count
			worst.P50, worst.P99 = max(worst.P50, t.P50), max(worst.P99, t.P99)
		}
	}
	return worst
}

func timing(name string, t status.Latency, points []float64) components.Stat {
	if t.Count == 0 {
		return components.Stat{Name: name, Figure: silence, Unit: "ms", Note: "No message in the last minute", Points: points}
	}
	return components.Stat{Name: name, Figure: milliseconds(t.P50), Unit: "ms p50", Note: "p99 " + milliseconds(t.P99) + " ms, the last minute", Points: points}
}

func rateWords(r Rate, ok bool) string {
	switch {
	case !ok, len(r.Points) == 0: // it takes two readings
		return silence
	case r.PerSecond >= 9.95 || r.PerSecond == 0:
		return components.Thousands(int64(r.PerSecond + .5))
	}
	return fmt.Sprintf("%.1f", r.PerSecond)
}

func count(n int, noun string) string { return components.Thousands(int64(n)) + " " + plural(n, noun) }

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.3g", float64(d.Microseconds())/1000)
}

func bytesWords(n int64) string {
	f := float64(n)
	for _, unit := range []string{"bytes", "KiB", "MiB", "GiB"} {
		if f < 1024 {
			if unit == "bytes" {
				return count(int(n), "byte")
			}
			return fmt.Sprintf("%.3g %s", f, unit)
		}
		f /= 1024
	}
	return fmt.Sprintf("%.4g TiB", f)
}

func retentionWords(d time.Duration) string {
	switch {
	case d < 0:
		return "for ever"
	case d%(24*time.Hour) == 0:
		return count(int(d/(24*time.Hour)), "day")
	}
	return d.String()
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

func list(words []string) string { return strings.Join(words, ", ") }

func partitions(numbers []int32) string {
	if len(numbers) == 0 {
		return "none"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// modeWords say what a component's being away means to people, and what to those who run Parley.
func modeWords(component string) (name, away string) {
	switch component {
	case "postgres":
		return "The database (Postgres)", "Messages are taken and shown as always and wait in the log; they are stored when it is back. Older messages, friends and sign-ups are out of reach."
	case "redis":
		return "The bus (Redis)", "Writers tell pages through Postgres, and these fetch. Who is active is unknown; each replica keeps the limits alone."
	}
	return "The log (Kafka)", "Messages are written into Postgres directly, a few at a time. Nothing that was acknowledged is lost."
}

// uptime is how long ago something began, in one unit.
func uptime(since, now time.Time) string {
	switch d := now.Sub(since); {
	case d < 2*time.Minute:
		return count(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	default:
		return count(int(d/(24*time.Hour)), "day")
	}
}
