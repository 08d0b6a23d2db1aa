// Command imagebuild builds the Dockerfile without a container engine. Each stage has a root
// directory made by debootstrap, in which RUN and COPY are carried out as they are written. Then
// the program runs from the root of the last stage, as a user without privileges, on real services.
// The command needs root, Linux and debootstrap, and takes five minutes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keep := flag.Bool("keep", false, "keep the roots")
	source := flag.String("source", "../..", "the repository's root")
	flag.Parse()
	if err := run(ctx, *source, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "imagebuild:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, repository string, keep bool) error {
	if err := checkMachine(); err != nil {
		return err
	}

	source, err := filepath.Abs(repository)
	if err != nil {
		return err
	}

	arguments := map[string]string{"TARGETARCH": runtime.GOARCH, "BUILDPLATFORM": "linux/" + runtime.GOARCH}
	stages, err := readDockerfile(filepath.Join(source, "Dockerfile"), arguments)
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "parley-root-")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("the roots are in", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the program runs as another user
		return err
	}

	caches, err := os.UserCacheDir() // outside the repository, whose tests read every Go file in it
	if err != nil {
		return err
	}

	b := &builder{
		source: source,
		dir:    dir,
		cache:  filepath.Join(caches, "parley-clean-root"),
		out:    os.Stdout,
		roots:  map[string]string{},
	}
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return err
	}

	begin := time.Now()
	last, err := b.build(ctx, stages, arguments)
	if err != nil {
		return err
	}

	size, err := exec.CommandContext(ctx, "du", "-sm", last.root).Output()
	if err != nil {
		return err
	}

	fmt.Printf("built in %s; the root of the last stage has %s MiB\n",
		time.Since(begin).Round(time.Second), strings.Fields(string(size))[0])
	return serve(ctx, last)
}

// checkMachine returns an error that names what the machine lacks.
func checkMachine() error {
	var problems []error
	if os.Getuid() != 0 {
		problems = append(problems, errors.New("only root can create the roots: sudo go tool task clean-root"))
	}
	for _, program := range []string{"debootstrap", "dpkg-deb", "unshare", "chroot", "node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			problems = append(problems, fmt.Errorf(
				"%s is missing (on Debian: apt-get install debootstrap dpkg util-linux coreutils nodejs npm)", program))
		}
	}
	return errors.Join(problems...)
}
