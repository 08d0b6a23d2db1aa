package admin

import (
	"fmt"
	"strings"
	"time"

	"parley/app/status"
	"parley/views/components"
)

// rateText returns a rate per second. It needs two readings.
func rateText(r Rate, ok bool) string {
	switch {
	case !ok, len(r.Points) == 0:
		return unknown
	case r.PerSecond >= 9.95 || r.PerSecond == 0:
		return components.Thousands(int64(r.PerSecond + .5))
	}
	return fmt.Sprintf("%.1f", r.PerSecond)
}

// count returns "1 record", "2 records".
func count(n int, noun string) string { return components.Thousands(int64(n)) + " " + plural(n, noun) }

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// milliseconds returns a duration in milliseconds, without the unit.
func milliseconds(d time.Duration) string { return components.Number(float64(d.Microseconds()) / 1000) }

func bytesText(n int64) string {
	if n < 1024 {
		return count(int(n), "byte")
	}
	size := float64(n) / 1024
	for _, unit := range []string{"KiB", "MiB", "GiB"} {
		if size < 1024 {
			return components.Number(size) + " " + unit
		}
		size /= 1024
	}
	return components.Number(size) + " TiB"
}

func retentionText(d time.Duration) string {
	switch {
	case d < 0:
		return "for ever"
	case d%(24*time.Hour) == 0:
		return count(int(d/(24*time.Hour)), "day")
	}
	return d.String()
}

// copiesText says how many copies of a partition there are, and how many partitions miss one.
func copiesText(s status.KafkaState) string {
	text := fmt.Sprintf("%d; acknowledged by %s at least", s.ReplicationFactor, s.MinInSync)
	if n := s.OutOfSync(); n > 0 {
		text += "; " + count(n, "partition") + " without a copy in sync"
	}
	return text
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

func list(words []string) string { return strings.Join(words, ", ") }

func partitionsText(numbers []int32) string {
	if len(numbers) == 0 {
		return "none"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// dependencyText names a dependency, and the effect of its outage on people and operators.
func dependencyText(dependency string) (name, effect string) {
	switch dependency {
	case "postgres":
		return "The database (Postgres)", "Messages are taken and shown as always and wait in the log; " +
			"they are stored when it is back. Older messages, friends and sign-ups are out of reach."
	case "redis":
		return "The bus (Redis)", "Writers tell pages through Postgres, and these fetch. " +
			"Who is active is unknown; each replica keeps the limits alone."
	}
	return "The log (Kafka)", "Messages are written into Postgres directly, a few at a time. " +
		"Nothing that was acknowledged is lost."
}

// uptime returns the time since a moment, in one unit.
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
