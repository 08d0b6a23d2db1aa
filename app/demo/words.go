package demo

import (
	"embed"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// What is said in the seed is written in seed/*.txt: exchanges parted by blank lines, their lines beginning with A: or B:.
//
//go:embed lines/*.txt
var seedTexts embed.FS

// seedLine is one message, by b or else by a. after is the pause before it, where the text says so.
type seedLine struct {
	b     bool
	text  string
	after time.Duration
	at    time.Time
}

// seedPiano is a whole conversation, with its pauses.
var seedPiano = strings.Split(strings.TrimSpace(seedText("piano")), "\n")

func seedText(name string) string {
	b, err := seedTexts.ReadFile("lines/" + name + ".txt")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(b)
}

// seedLines reads lines as the texts have them: # is a remark, +N a pause of N minutes before the next line, \n a new line.
func seedLines(lines []string) (read []seedLine) {
	var pause time.Duration
	for _, line := range lines {
		if minutes, ok := strings.CutPrefix(line, "+"); ok {
			n, err := strconv.Atoi(minutes)
			if err != nil {
				panic(line + ": no number of minutes")
			}
			pause = time.Duration(n) * time.Minute
			continue
		}
		speaker, text, ok := strings.Cut(line, ": ")
		if !ok || speaker != "A" && speaker != "B" {
			continue
		}
		read = append(read, seedLine{b: speaker == "B", text: strings.ReplaceAll(text, `\n`, "\n"), after: pause})
		pause = 0
	}
	return read
}

func seedExchanges(language string) (all [][]seedLine) {
	for _, part := range strings.Split(seedText(language), "\n\n") {
		if lines := seedLines(strings.Split(part, "\n")); len(lines) > 0 {
			all = append(all, lines)
		}
	}
	return all
}

// lines are what the two say, from the first to the last, with its time.
func (t seedTalk) lines(now time.Time, chance *rand.Rand) []seedLine {
	ending := seedLines(t.ending)
	said := make([]seedLine, 0, t.count)
	for _, l := range t.exchanges(t.count-len(ending), chance) {
		l.text = t.fill(l.text, chance)
		said = append(said, l)
	}
	said = append(said, ending...)
	t.time(said, now.Add(-t.ago), chance)
	return said
}

// exchanges are enough of them to have so many lines, none again before all were used; who says what changes sides by chance. The last may
// be cut short: people are interrupted.
func (t seedTalk) exchanges(count int, chance *rand.Rand) []seedLine {
	all := seedExchanges("english")
	if t.more != "" {
		more := seedExchanges(t.more)
		for range len(all) / len(more) / 2 {
			all = append(all, more...)
		}
	}
	lines := make([]seedLine, 0, count)
	for n := 0; len(lines) < count; n++ {
		if n%len(all) == 0 {
			chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		swap := chance.IntN(2) == 1
		for i, l := range all[n%len(all)] {
			l.b = l.b != swap
			if i == 0 {
				l.after = -1 // how long, time decides
			}
			lines = append(lines, l)
		}
	}
	return lines[:max(count, 0)]
}

// time says when each line was said, from the last one back. People sleep at night.
func (t seedTalk) time(lines []seedLine, end time.Time, chance *rand.Rand) {
	starts := 1
	for _, l := range lines {
		if l.after < 0 {
			starts++
		}
	}
	pause := t.over / time.Duration(starts)
	at := end
	for i := len(lines) - 1; i >= 0; i-- {
		lines[i].at = at
		switch l := lines[i]; {
		case l.after > 0:
			at = at.Add(-l.after)
		case l.after < 0:
			at = at.Add(-pause/3 - time.Duration(chance.Int64N(int64(pause)*4/3+1)))
			if hour := at.UTC().Hour(); hour < 7 {
				at = at.Add(-time.Duration(hour+2) * time.Hour)
			}
		default:
			at = at.Add(-time.Duration(4+chance.IntN(170)) * time.Second)
		}
	}
}

var seedSlots = map[string][]string{
	"{day}":   {"Tuesday", "Thursday", "Friday", "Saturday", "Sunday"},
	"{place}": {"the library", "the harbour", "the station", "the bakery", "the old mill", "the swimming baths", "number nine"},
	"{thing}": {"radio", "kettle", "typewriter", "wheelbarrow", "sewing machine", "lamp", "drill"},
	"{food}":  {"lentil soup", "plum cake", "dumplings", "rhubarb", "couscous", "pea soup"},
	"{name}":  {"Grace", "Omar", "Tomás", "Ruth", "Mei", "Marta", "Samir"},
}

// fill puts one word for each slot of a line.
func (t seedTalk) fill(text string, chance *rand.Rand) string {
	if !strings.Contains(text, "{") {
		return text
	}
	for _, slot := range []string{"{day}", "{place}", "{thing}", "{food}", "{name}"} {
		words := seedSlots[slot]
		word := words[chance.IntN(len(words))]
		for slot == "{name}" && (strings.HasPrefix(t.a, word) || strings.HasPrefix(t.b, word)) { // they don't speak of themselves
			word = words[chance.IntN(len(words))]
		}
		text = strings.ReplaceAll(text, slot, word)
	}
	if first := text[0]; first >= 'a' && first <= 'z' { // a slot began the sentence
		text = string(first-'a'+'A') + text[1:]
	}
	return text
}
