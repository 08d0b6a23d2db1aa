package components

import "parley/app/chat"

func iconExamples() []Example {
	return []Example{
		{"Mark", "", Mark()},
		{"Icon", "search", Icon("search")},
		{"Icon", "talk", Icon("talk")},
		{"Icon", "find", Icon("find")},
		{"Icon", "write", Icon("write")},
		{"Icon", "pause", Icon("pause")},
		{"Icon", "up", Icon("up")},
		{"Icon", "down", Icon("down")},
		{"Icon", "send", Icon("send")},
		{"Icon", "alert", Icon("alert")},
		{"Drawing", "settled", Drawing(Settled)},
		{"Drawing", "waiting", Drawing(Waiting)},
		{"Drawing", "nothing", Drawing(Nothing)},
		{"Drawing", "pausing", Drawing(Pausing)},
		{"Drawing", "broken", Drawing(Broken)},
	}
}

func statusExamples() []Example {
	return []Example{
		{"Status", "well", Status("good", "Ready")},
		{"Status", "gone wrong", Status("bad", "Does not answer")},
		{"Status", "neither", Status("", "Draining")},
	}
}

func receiptExamples() []Example {
	return []Example{
		{"Ring", "", Ring()},
		{"Receipt", "pending", Receipt("pending", "Waiting for a connection")},
		{"Receipt", "sending", Receipt("sending", "Sending")},
		{"Receipt", "sent", Receipt("sent", "Sent")},
		{"Receipt", "stored", Receipt("stored", "Stored")},
		{"Receipt", "delivered", Receipt("delivered", "Delivered")},
		{"Receipt", "read", Receipt("read", "Read")},
	}
}

func avatarExamples(s samples) []Example {
	return []Example{
		{"Avatar", "small", Avatar(s.ida, "small", "")},
		{"Avatar", "plain", Avatar(s.ida, "", "")},
		{"Avatar", "large and online", Avatar(s.ida, "large", chat.Online)},
		{"Avatar", "large and offline", Avatar(s.omar, "large", chat.Offline)},
		{"Avatar", "large and unknown", Avatar(s.yael, "large", chat.PresenceUnknown)},
		{"Avatar", "huge", Avatar(s.ana, "huge", "")},
		{"Avatar", "without letters", Avatar(samplePerson(5, "🎹"), "large", "")},
	}
}

func bannerExamples() []Example {
	return []Example{
		{"Banner", "hidden: all is well", Banner(nil, false)},
		{"Banner", "without the log", Banner([]string{"kafka"}, false)},
		{"Banner", "without the bus", Banner([]string{"redis"}, false)},
		{"Banner", "without the database", Banner([]string{"postgres"}, false)},
		{"Banner", "without the log and the bus", Banner([]string{"redis", "kafka"}, false)},
		{"Banner", "without a live path", Banner([]string{"postgres", "redis"}, false)},
		{"Banner", "without a durable path", Banner([]string{"postgres", "kafka"}, false)},
		{"OldCopy", "of a conversation, offline", OldCopy("14:05 on 28 November")},
	}
}

func navigationExamples(s samples) []Example {
	return []Example{
		{"Navigation", "the list", Navigation("The list", s.ida, 0, "/conversations", false)},
		{"Navigation", "a conversation, two requests", Navigation("A conversation, two requests", s.omar, 2, "/conversations", true)},
		{"Navigation", "requests", Navigation("Requests", s.ida, 1, "/requests", false)},
		{"Navigation", "find people", Navigation("Find people", s.ida, 0, "/people", false)},
		{"Navigation", "account, a long name", Navigation("Account, a long name", s.ana, 120, "/account", false)},
	}
}

func connectionExamples() []Example {
	return []Example{
		{"Connection", "without scripts", Connection("paused", "", "/gallery")},
		{"Connection", "live: for screen readers only", Connection("", "Live", "")},
		{"Connection", "trying", Connection("trying", "Reconnecting", "")},
		{"Connection", "paused", Connection("paused", "Live updates paused", "")},
		{"Connection", "offline", Connection("offline", "Offline", "")},
	}
}
