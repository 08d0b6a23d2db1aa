package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// builder carries stages out, each in a root of its own below dir.
type builder struct {
	source string // the build's context
	dir    string
	cache  string // Debian, and what RUN's cache mounts keep
	out    io.Writer
	roots  map[string]string
}

// image is what the last stage says of how it is run.
type image struct {
	root        string
	environment []string
	entrypoint  []string
	healthcheck []string
}

func (b *builder) build(ctx context.Context, stages []stage, arguments map[string]string) (image, error) {
	var last image
	for i, s := range stages {
		root := filepath.Join(b.dir, fmt.Sprintf("stage-%d", i))
		fmt.Fprintf(b.out, "FROM %s\n", s.from)
		if err := b.base(ctx, s.from, root); err != nil {
			return last, err
		}
		if s.name != "" {
			b.roots[s.name] = root
		}
		last = image{root: root}
		if err := b.carryOut(ctx, s, &last, arguments); err != nil {
			return last, err
		}
	}
	return last, nil
}

func (b *builder) carryOut(ctx context.Context, s stage, made *image, arguments map[string]string) error {
	workdir := "/"
	var environment []string
	for _, step := range s.steps {
		fmt.Fprintf(b.out, "  line %d: %s %s\n", step.line, step.instruction, strings.Join(strings.Fields(strings.Join(step.words, " ")), " "))
		var err error
		switch step.instruction {
		case "ARG":
			name, value, _ := strings.Cut(step.words[0], "=")
			if given, ok := arguments[name]; ok {
				value = given
			}
			environment = append(environment, name+"="+value)
		case "WORKDIR":
			workdir = step.words[0]
			err = os.MkdirAll(filepath.Join(made.root, workdir), 0o755)
		case "COPY":
			err = b.copy(ctx, step, made.root, workdir)
		case "RUN":
			err = b.inside(ctx, made.root, append(mounts(step), environment...), "cd "+workdir+" && "+step.words[0])
		case "ENV":
			made.environment = append(made.environment, step.words[0]+"="+step.words[1])
		case "ENTRYPOINT":
			made.entrypoint = step.words
		case "HEALTHCHECK":
			made.healthcheck = step.words[1:] // after CMD
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", step.line, err)
		}
	}
	return nil
}

// mounts are RUN's --mount=type=cache,target=… as settings of inside.
func mounts(s step) (list []string) {
	for _, m := range strings.Fields(s.flags["mount"]) {
		for _, part := range strings.Split(m, ",") {
			if target, ok := strings.CutPrefix(part, "target="); ok {
				list = append(list, "MOUNT="+target)
			}
		}
	}
	return list
}

// copy is COPY: from another stage, or from the context less what .dockerignore names.
func (b *builder) copy(ctx context.Context, s step, root, workdir string) error {
	sources, to := s.words[:len(s.words)-1], s.words[len(s.words)-1]
	if !path.IsAbs(to) {
		to = path.Join(workdir, to) + map[bool]string{true: "/"}[strings.HasSuffix(to, "/")]
	}
	target := filepath.Join(root, to)
	if from := s.flags["from"]; from != "" {
		if b.roots[from] == "" {
			return fmt.Errorf("there is no stage %q", from)
		}
		return b.run(ctx, "sh", "-e", "-c", `mkdir -p "$(dirname "$2")" && cp -a "$1" "$2"`, "sh", filepath.Join(b.roots[from], sources[0]), target)
	}
	ignored, err := b.ignored()
	if err != nil {
		return err
	}
	for _, source := range sources {
		to := target
		if len(sources) > 1 || strings.HasSuffix(s.words[len(s.words)-1], "/") {
			to = filepath.Join(target, source)
		}
		if err := b.copyTree(filepath.Join(b.source, source), to, ignored); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) ignored() (*patternmatcher.PatternMatcher, error) {
	file, err := os.Open(filepath.Join(b.source, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return patternmatcher.New(patterns)
}

func (b *builder) copyTree(from, to string, ignored *patternmatcher.PatternMatcher) error {
	return filepath.WalkDir(from, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inContext, err := filepath.Rel(b.source, name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if skip, err := ignored.MatchesOrParentMatches(filepath.ToSlash(inContext)); err != nil || skip && inContext != "." {
			if d.IsDir() && err == nil && name != from {
				return filepath.SkipDir // no pattern of ours brings something below it back
			}
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), body, info.Mode().Perm())
	})
}

// inside runs a shell command in a root, with /proc, /dev and RUN's caches (settings MOUNT=…) mounted where nobody else sees them; they are gone
// with the command, so that removing a root removes nothing of this machine.
func (b *builder) inside(ctx context.Context, root string, settings []string, command string) error {
	script := `set -e; mkdir -p "$ROOT/proc" "$ROOT/dev"; mount -t proc proc "$ROOT/proc"; mount --rbind /dev "$ROOT/dev"` + "\n"
	environment := []string{"PATH=/usr/local/go/bin:/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "GOPATH=/go", "GOTOOLCHAIN=local",
		"NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"}
	for _, s := range settings {
		target, isMount := strings.CutPrefix(s, "MOUNT=")
		if !isMount {
			environment = append(environment, s)
			continue
		}
		kept := filepath.Join(b.cache, "mounts", strings.ReplaceAll(strings.Trim(target, "/"), "/", "-"))
		if err := os.MkdirAll(kept, 0o755); err != nil {
			return err
		}
		script += fmt.Sprintf("mkdir -p \"$ROOT%[1]s\"; mount --bind %[2]s \"$ROOT%[1]s\"\n", target, kept)
	}
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--fork", "sh", "-c", script+`root=$ROOT; command=$COMMAND; unset ROOT COMMAND; exec chroot "$root" /bin/sh -c "$command"`)
	cmd.Env = append(environment, "ROOT="+root, "COMMAND="+command)
	return b.told(cmd)
}

func (b *builder) run(ctx context.Context, name string, args ...string) error {
	return b.told(exec.CommandContext(ctx, name, args...))
}

// told shows a command's output only if it fails.
func (b *builder) told(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
	}
	return err
}
