package main

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// stage is a stage of a Dockerfile: a FROM and the instructions up to the next one.
type stage struct {
	name         string // after AS, or ""
	from         string // an image, or the name of an earlier stage
	instructions []instruction
}

// instruction is an instruction of a Dockerfile.
type instruction struct {
	name  string
	flags map[string]string // such as --from=…; several values are separated by a space
	words []string
	line  int
}

// supported are the instructions that the builder carries out or may ignore. Another instruction
// is an error, because a build without it would prove nothing.
const supported = " ARG COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK RUN WORKDIR "

// readDockerfile reads the stages. ARGs before the first FROM are replaced in the names of images;
// given values take precedence over the defaults of the file.
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
		i := newInstruction(node)
		switch {
		case i.name == "FROM":
			s := stage{from: os.Expand(i.words[0], func(name string) string { return arguments[name] })}
			if len(i.words) == 3 {
				s.name = i.words[2]
			}

			stages = append(stages, s)
		case i.name == "ARG" && stages == nil:
			name, value, _ := strings.Cut(i.words[0], "=")
			if _, set := arguments[name]; !set {
				arguments[name] = value
			}
		case stages == nil || !strings.Contains(supported, " "+i.name+" "):
			return nil, fmt.Errorf("%s:%d: unsupported instruction %s", path, i.line, i.name)
		default:
			last := &stages[len(stages)-1]
			last.instructions = append(last.instructions, i)
		}
	}
	return stages, nil
}

func newInstruction(node *parser.Node) instruction {
	i := instruction{name: strings.ToUpper(node.Value), flags: map[string]string{}, line: node.StartLine}
	for _, flag := range node.Flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		i.flags[name] = strings.TrimPrefix(i.flags[name]+" "+value, " ")
	}
	for word := node.Next; word != nil; word = word.Next {
		i.words = append(i.words, word.Value)
	}
	return i
}
