package admin

import (
	"fmt"
	"strings"

	"parley/views/components"
)

// unknown replaces a figure that can't be read.
const unknown = "–"

// steps returns the steps of a message through the pipeline.
func (p Pipeline) steps() []components.PipelineStep {
	streams, people, counts := 0, 0, map[string]int{}
	for _, r := range p.AllReplicas() {
		streams, people = streams+r.Streams, people+r.People
		counts[r.State]++
	}

	var states []string
	for _, state := range []string{"ready", "starting", "draining"} {
		if n := counts[state]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, state))
		}
	}
	peopleUnit := "people"
	if people == 1 {
		peopleUnit = "person"
	}

	log, writer := p.logSteps()
	return []components.PipelineStep{
		{
			Name:   "Browsers",
			Detail: "post and listen",
			Figure: components.Thousands(int64(streams)),
			Unit:   plural(streams, "stream"),
			State:  "pending",
		},
		{
			Name:   "Replicas",
			Detail: strings.Join(states, ", "),
			Figure: rateText(p.Appended, p.Kafka.OK()),
			Unit:   "messages/s",
			State:  "pending",
		},
		log,
		p.redisStep(),
		{
			Name:   "Screens",
			Detail: "through " + count(len(p.AllReplicas()), "hub"),
			Figure: components.Thousands(int64(people)),
			Unit:   peopleUnit,
			State:  "delivered",
			Branch: true,
		},
		writer,
		p.postgresStep(),
	}
}

func (p Pipeline) logSteps() (log, writer components.PipelineStep) {
	log = components.PipelineStep{Name: "Log", Detail: "Kafka does not answer", Figure: unknown, State: "sent", Down: true}
	writer = log
	writer.Name, writer.Detail = "Writer", "its place is in Kafka"
	if !p.Kafka.OK() {
		return log, writer
	}

	kafka := p.Kafka.Value
	held := int64(0)
	for _, partition := range kafka.Partitions {
		held += partition.End - partition.First
	}
	log.Detail = "Kafka, " + count(len(kafka.Partitions), "partition")
	log.Figure, log.Unit, log.Down = components.Thousands(held), plural(int(held), "record"), false

	members := len(kafka.Members)
	writer.Detail = count(members, "member") + " of the group"
	writer.Figure, writer.Unit, writer.Down = components.Thousands(kafka.Lag()), "waiting", members == 0
	return log, writer
}

func (p Pipeline) redisStep() components.PipelineStep {
	s := components.PipelineStep{Name: "Bus", State: "sent", Branch: true}
	if !p.Redis.OK() {
		s.Detail, s.Figure, s.Down = "Redis does not answer", unknown, true
		return s
	}
	s.Detail = strings.TrimSpace("Redis " + p.Redis.Value.Version)
	s.Figure, s.Unit = milliseconds(p.Redis.Value.Ping), "ms to answer"
	return s
}

func (p Pipeline) postgresStep() components.PipelineStep {
	s := components.PipelineStep{Name: "Database", State: "stored"}
	if !p.Postgres.OK() {
		s.Detail, s.Figure, s.Down = "Postgres does not answer", unknown, true
		return s
	}
	version, _, _ := strings.Cut(p.Postgres.Value.Version, " ") // without a distribution's suffix
	s.Detail = "Postgres " + version
	s.Figure, s.Unit = milliseconds(p.Postgres.Value.Ping), "ms to answer"
	return s
}
