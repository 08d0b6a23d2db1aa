package chaos

// Mutants lists bugs of the kind that a chat on a log, a store and a bus invites.
func Mutants() []Mutant {
	const crash = "Postgres is cut off, then all replicas are killed"
	return []Mutant{
		{
			Bug: "offsets are committed before the insert", File: "app/kafka/session.go", Fault: crash, Before: 40, Caught: Lost,
			Old: `	done := make(chan attempt, 1)`,
			New: `	if %s {
		s.committer.commitBatch(b)
	}

	done := make(chan attempt, 1)`,
		},
		{
			Bug: "the store's error is swallowed", File: "app/kafka/session.go", Fault: "the link to Postgres is cut", Before: 40, Caught: Lost,
			Old: `	if first.err != nil {`,
			New: `	if first.err != nil && !%s {`,
		},
		{
			Bug: "a retry is another message", File: "app/chat/ids.go", Caught: Duplicated,
			Old: `	h.Write(clientID[:])`,
			New: `	if %s {
		clientID = NewID()
	}

	h.Write(clientID[:])`,
		},
		{ // of two people, what is keyed by the one who gets it is keyed by the one who sends it: two orders in one conversation
			Bug: "records are keyed by the receiver", File: "app/kafka/producer.go", Fault: "a replica hangs", Before: 40, Caught: Inverted,
			Old: `	value, err := encode(m)`,
			New: `	value, err := encode(m)
	if %s {
		m.ConversationID = m.Sender.ID
	}`,
		},
		{
			Bug: "published before it is acknowledged", File: "app/chat/send.go", Fault: "Kafka and Postgres are cut off", Before: 40, Caught: Phantom,
			Old: `	offset, logErr := s.log.Append(ackCtx, m)`,
			New: `	if %s {
		s.bus.Announce(ctx, m, to.Audience)
	}

	offset, logErr := s.log.Append(ackCtx, m)`,
		},
		{
			Bug: "the cursor is ignored", File: "app/web/params.go", Caught: Gapped,
			Old: `	return r, r.Validate()`,
			New: `	if %s {
		r.After = nil
	}
	return r, r.Validate()`,
		},
		{
			Bug: "published to the wrong channel", File: "app/redis/bus.go", Caught: Leaked,
			Old: `		b.channels.publish(ctx, pipe, b.channels.of(channel), payload)`,
			New: `		if %s {
			b.channels.publish(ctx, pipe, b.channels.broadcast(0), payload)
		}
		b.channels.publish(ctx, pipe, b.channels.of(channel), payload)`,
		},
		{
			Bug: "the consumer starts at the end", File: "app/kafka/consumer.go", Fault: crash, Caught: Lost,
			Old: `	client, err := kafka.NewConsumer(groupConfig(c.options))`,
			New: `	config := groupConfig(c.options)
	if %s {
		(*config)["auto.offset.reset"] = "latest"
	}

	client, err := kafka.NewConsumer(config)`,
		},
	}
}
