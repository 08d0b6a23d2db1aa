package components

import "slices"

// sentence is a sentence whose beginning is bold.
type sentence struct{ bold, rest string }

// outageSentence tells people the effect of the dependencies that are down. The
// worst combination is matched first.
func outageSentence(down []string) sentence {
	has := func(dependency string) bool { return slices.Contains(down, dependency) }
	switch {
	case has("postgres") && has("kafka"):
		return sentence{"Messages can’t be saved right now.", "What you write stays in the box."}
	case has("postgres") && has("redis"):
		return sentence{"Live updates are paused;", "messages are still being saved."}
	case has("kafka") && has("redis"):
		return sentence{
			"Sending may take a second longer.",
			"Every message is still kept. We can’t tell who is active.",
		}
	case has("postgres"):
		return sentence{"Older messages are out of reach.", "You can talk as always, and nothing is lost."}
	case has("kafka"):
		return sentence{"Sending may take a second longer.", "Every message is still kept."}
	case has("redis"):
		return sentence{"We can’t tell who is active.", "Messages come and go as always."}
	}

	return sentence{}
}
