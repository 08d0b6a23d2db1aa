package demo

import (
	"embed"
	"strconv"
	"strings"
	"time"
)

// The texts are in lines/*.txt: exchanges, separated by blank lines.
//
//go:embed lines/*.txt
var texts embed.FS

// line is one message, from b or else from a.
type line struct {
	fromB bool
	text  string
	pause time.Duration // before the line; 0: some seconds; startPause: as long as the script's span allows
	at    time.Time
}

// startPause marks the first line of an exchange.
const startPause time.Duration = -1

func text(name string) string {
	b, err := texts.ReadFile("lines/" + name + ".txt")
	if err != nil {
		panic(err) // the file is embedded
	}

	return string(b)
}

// pianoConversation is a whole conversation, with its pauses.
func pianoConversation() []string {
	return strings.Split(strings.TrimSpace(text("piano")), "\n")
}

// parseLines reads the lines of a text: "A: …" and "B: …" are messages in which \n
// is a line break, "+N" is a pause of N minutes before the next message. Others
// are comments.
func parseLines(source []string) (lines []line) {
	var pause time.Duration

	for _, s := range source {
		if minutes, ok := strings.CutPrefix(s, "+"); ok {
			n, err := strconv.Atoi(minutes)
			if err != nil {
				panic("not a number of minutes: " + s)
			}

			pause = time.Duration(n) * time.Minute
			continue
		}

		sender, body, ok := strings.Cut(s, ": ")
		if !ok || sender != "A" && sender != "B" {
			continue
		}

		lines = append(lines, line{fromB: sender == "B", text: strings.ReplaceAll(body, `\n`, "\n"), pause: pause})
		pause = 0
	}

	return lines
}

// exchanges returns the exchanges of a language.
func exchanges(language string) (all [][]line) {
	for _, exchange := range strings.Split(text(language), "\n\n") {
		if lines := parseLines(strings.Split(exchange, "\n")); len(lines) > 0 {
			all = append(all, lines)
		}
	}

	return all
}
