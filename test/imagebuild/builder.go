package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// builder builds the stages of a Dockerfile, each in a root directory of its own below dir.
type builder struct {
	source string            // the build context
	dir    string            // of the roots
	cache  string            // of Debian, and of RUN's cache mounts
	out    io.Writer         // for the progress
	roots  map[string]string // by the name of the stage
}

// image is the root of a stage and how its program is run.
type image struct {
	root        string
	environment []string
	entrypoint  []string
	healthcheck []string
}

// build builds all stages and returns the last one.
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
		if err := b.buildStage(ctx, s, &last, arguments); err != nil {
			return last, err
		}
	}
	return last, nil
}

// buildStage carries out the instructions of a stage.
func (b *builder) buildStage(ctx context.Context, s stage, made *image, arguments map[string]string) error {
	workdir := "/"
	var environment []string
	for _, i := range s.instructions {
		words := strings.Join(strings.Fields(strings.Join(i.words, " ")), " ")
		fmt.Fprintf(b.out, "  line %d: %s %s\n", i.line, i.name, words)

		var err error
		switch i.name {
		case "ARG":
			name, value, _ := strings.Cut(i.words[0], "=")
			if given, ok := arguments[name]; ok {
				value = given
			}

			environment = append(environment, name+"="+value)
		case "WORKDIR":
			workdir = i.words[0]
			err = os.MkdirAll(filepath.Join(made.root, workdir), 0o755)
		case "COPY":
			err = b.copy(ctx, i, made.root, workdir)
		case "RUN":
			err = b.runInside(ctx, made.root, mounts(i), environment, "cd "+workdir+" && "+i.words[0])
		case "ENV":
			made.environment = append(made.environment, i.words[0]+"="+i.words[1])
		case "ENTRYPOINT":
			made.entrypoint = i.words
		case "HEALTHCHECK":
			made.healthcheck = i.words[1:] // after CMD
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", i.line, err)
		}
	}
	return nil
}

// mounts are the targets of RUN's --mount=type=cache,target=….
func mounts(i instruction) (targets []string) {
	for _, mount := range strings.Fields(i.flags["mount"]) {
		for _, option := range strings.Split(mount, ",") {
			if target, ok := strings.CutPrefix(option, "target="); ok {
				targets = append(targets, target)
			}
		}
	}
	return targets
}

// runInside runs a shell command in a root, with /proc, /dev and RUN's cache mounts. They are in a
// mount namespace of the command and end with it, so removing the root removes nothing of this
// machine.
func (b *builder) runInside(ctx context.Context, root string, mounts, settings []string, command string) error {
	script := `set -e
		mkdir -p "$ROOT/proc" "$ROOT/dev"
		mount -t proc proc "$ROOT/proc"
		mount --rbind /dev "$ROOT/dev"
	`
	for _, target := range mounts {
		cached := filepath.Join(b.cache, "mounts", strings.ReplaceAll(strings.Trim(target, "/"), "/", "-"))
		if err := os.MkdirAll(cached, 0o755); err != nil {
			return err
		}

		script += fmt.Sprintf("mkdir -p \"$ROOT%[1]s\"; mount --bind %[2]s \"$ROOT%[1]s\"\n", target, cached)
	}

	script += `root=$ROOT; command=$COMMAND; unset ROOT COMMAND; exec chroot "$root" /bin/sh -c "$command"`

	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--fork", "sh", "-c", script)
	cmd.Env = append([]string{
		"PATH=/usr/local/go/bin:/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		"GOPATH=/go",
		"GOTOOLCHAIN=local",
		"NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
		"ROOT=" + root,
		"COMMAND=" + command,
	}, settings...)
	return runQuietly(cmd)
}

func (b *builder) run(ctx context.Context, name string, args ...string) error {
	return runQuietly(exec.CommandContext(ctx, name, args...))
}

// runQuietly runs a command, whose output is in the error if it fails.
func runQuietly(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
	}
	return err
}
