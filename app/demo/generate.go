package demo

import (
	"math/rand/v2"
	"strings"
	"time"
)

// lines returns all messages of the conversation in order, with their times.
func (s script) lines(now time.Time, random *rand.Rand) []line {
	ending := parseLines(s.ending)

	lines := s.pickExchanges(s.count-len(ending), random)
	for i := range lines {
		lines[i].text = s.fillSlots(lines[i].text, random)
	}

	lines = append(lines, ending...)
	s.setTimes(lines, now.Add(-s.ago), random)
	return lines
}

// pickExchanges returns count lines of random exchanges, none of which repeats
// before all were used. Which of the two people begins is random. The last exchange
// may be cut off, as if its people were interrupted.
func (s script) pickExchanges(count int, random *rand.Rand) []line {
	all := exchanges("english")
	if s.language != "" {
		other := exchanges(s.language)
		for range len(all) / len(other) / 2 {
			all = append(all, other...)
		}
	}

	lines := make([]line, 0, count)
	for n := 0; len(lines) < count; n++ {
		if n%len(all) == 0 {
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}

		swap := random.IntN(2) == 1
		for i, l := range all[n%len(all)] {
			l.fromB = l.fromB != swap
			if i == 0 {
				l.pause = startPause
			}

			lines = append(lines, l)
		}
	}

	return lines[:max(count, 0)]
}

// setTimes sets the time of each line, from the last one backward. No exchange
// begins between 0:00 and 7:00 UTC.
func (s script) setTimes(lines []line, end time.Time, random *rand.Rand) {
	starts := 1

	for _, l := range lines {
		if l.pause == startPause {
			starts++
		}
	}

	pause := s.span / time.Duration(starts)

	at := end
	for i := len(lines) - 1; i >= 0; i-- {
		lines[i].at = at
		switch l := lines[i]; {
		case l.pause > 0:
			at = at.Add(-l.pause)
		case l.pause == startPause:
			at = at.Add(-pause/3 - time.Duration(random.Int64N(int64(pause)*4/3+1)))
			if hour := at.UTC().Hour(); hour < 7 {
				at = at.Add(-time.Duration(hour+2) * time.Hour)
			}
		default:
			at = at.Add(-time.Duration(4+random.IntN(170)) * time.Second)
		}
	}
}

// slots are the placeholders of a text with the words that may replace them.
var slots = []struct {
	name  string
	words []string
}{
	{"{day}", []string{"Tuesday", "Thursday", "Friday", "Saturday", "Sunday"}},
	{"{place}", []string{
		"the library", "the harbour", "the station", "the bakery", "the old mill", "the swimming baths", "number nine",
	}},
	{"{thing}", []string{"radio", "kettle", "typewriter", "wheelbarrow", "sewing machine", "lamp", "drill"}},
	{"{food}", []string{"lentil soup", "plum cake", "dumplings", "rhubarb", "couscous", "pea soup"}},
	{"{name}", []string{"Grace", "Omar", "Tomás", "Ruth", "Mei", "Marta", "Samir"}},
}

// fillSlots replaces each slot by a random word. {name} is never one of the two
// people themselves.
func (s script) fillSlots(text string, random *rand.Rand) string {
	if !strings.Contains(text, "{") {
		return text
	}

	for _, slot := range slots {
		word := slot.words[random.IntN(len(slot.words))]
		for slot.name == "{name}" && (strings.HasPrefix(s.a, word) || strings.HasPrefix(s.b, word)) {
			word = slot.words[random.IntN(len(slot.words))]
		}

		text = strings.ReplaceAll(text, slot.name, word)
	}

	if first := text[0]; first >= 'a' && first <= 'z' { // a slot began the sentence
		text = string(first-'a'+'A') + text[1:]
	}

	return text
}
