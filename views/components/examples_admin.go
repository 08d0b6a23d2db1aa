package components

func statExamples() []Example {
	return []Example{
		{"StatCard", "with a history", StatCard(Stat{
			Name:   "Into the log",
			Figure: "412",
			Unit:   "messages/s",
			Note:   "All replicas together",
			Points: []float64{240, 380, 300, 480, 412},
		})},
		{"StatCard", "without one", StatCard(Stat{
			Name:   "On their way",
			Figure: "–",
			Unit:   "messages",
			Note:   "Kafka does not answer",
		})},
		{"Sparkline", "", Sparkline([]float64{3, 1, 4, 1, 5}, "messages/s")},
	}
}

func pipelineExamples(s samples) []Example {
	return []Example{
		{"PipelineSteps", "with a part away", PipelineSteps(s.steps())},
	}
}

// steps are the pipeline while PostgreSQL is down.
func (s samples) steps() []PipelineStep {
	return []PipelineStep{
		{Name: "Browsers", Detail: "post and listen", Figure: "18,204", Unit: "streams", State: "pending"},
		{Name: "Replicas", Detail: "2 ready, 1 draining", Figure: "412", Unit: "messages/s", State: "pending"},
		{Name: "Log", Detail: "Kafka, 3 partitions", Figure: "1,284", Unit: "records", State: "sent"},
		{Name: "Bus", Detail: "Redis 8.2.1", Figure: "0.2", Unit: "ms to answer", State: "sent", Branch: true},
		{Name: "Screens", Detail: "through 3 hubs", Figure: "9,310", Unit: "people", State: "delivered", Branch: true},
		{Name: "Writer", Detail: "3 members of the group", Figure: "36", Unit: "waiting", State: "sent"},
		{Name: "Database", Detail: "Postgres does not answer", Figure: "–", State: "stored", Down: true},
	}
}
