package main

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stage is what stands between one FROM and the next.
type stage struct {
	name  string // its AS, or ""
	from  string // an image, or an earlier stage's name
	steps []step
}

// step is an instruction: its flags (--from=…), and its words.
type step struct {
	instruction string
	flags       map[string]string
	words       []string
	line        int
}

// known are the instructions that this program carries out or, in the last stage, heeds. Another one ends it: what it leaves out it must not seem to have tried.
const known = " ARG COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK RUN WORKDIR "

// readDockerfile reads the stages, with the arguments before the first FROM filled in; given ones go before the file's own.
func readDockerfile(path string, given map[string]string) ([]stage, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return nil, err
	}
	arguments, stages := maps.Clone(given), []stage(nil)
	for _, node := range parsed.AST.Children {
		s := step{instruction: strings.ToUpper(node.Value), flags: map[string]string{}, line: node.StartLine}
		for _, flag := range node.Flags {
			name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
			s.flags[name] = strings.TrimPrefix(s.flags[name]+" "+value, " ")
		}
		for word := node.Next; word != nil; word = word.Next {
			s.words = append(s.words, word.Value)
		}
		switch {
		case s.instruction == "FROM":
			from := stage{from: os.Expand(s.words[0], func(name string) string { return arguments[name] })}
			if len(s.words) == 3 {
				from.name = s.words[2]
			}
			stages = append(stages, from)
		case s.instruction == "ARG" && stages == nil:
			name, value, _ := strings.Cut(s.words[0], "=")
			if _, set := arguments[name]; !set {
				arguments[name] = value
			}
		case stages == nil || !strings.Contains(known, " "+s.instruction+" "):
			return nil, fmt.Errorf("%s:%d: this program doesn't know %s", path, s.line, s.instruction)
		default:
			last := &stages[len(stages)-1]
			last.steps = append(last.steps, s)
		}
	}
	return stages, nil
}
