// Command imagebuild carries out the Dockerfile where no container engine is: each stage in a root made by debootstrap, its RUN and COPY as they are
// written there, and at last the program as a user who may do nothing, from the last stage's root, on real services. It needs root, Linux, debootstrap and
// five minutes.
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
	keep := flag.Bool("keep", false, "leave the roots where they are")
	source := flag.String("source", "../..", "the repository's root")
	flag.Parse()
	if err := run(ctx, *source, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "clean root:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string, keep bool) error {
	if err := possible(); err != nil {
		return err
	}
	source, err := filepath.Abs(root)
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
	if err := os.Chmod(dir, 0o755); err != nil { // it is another user who will look into it
		return err
	}
	caches, err := os.UserCacheDir() // not in the repository, whose tests read every Go file there
	if err != nil {
		return err
	}
	begin := time.Now()
	b := &builder{source: source, dir: dir, cache: filepath.Join(caches, "parley-clean-root"), out: os.Stdout, roots: map[string]string{}}
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return err
	}
	made, err := b.build(ctx, stages, arguments)
	if err != nil {
		return err
	}
	size, err := exec.CommandContext(ctx, "du", "-sm", made.root).Output()
	if err != nil {
		return err
	}
	fmt.Printf("built in %s; the last stage's root has %s MiB\n", time.Since(begin).Round(time.Second), strings.Fields(string(size))[0])
	return serve(ctx, made)
}

// possible says what is missing.
func possible() error {
	var problems []error
	if os.Getuid() != 0 {
		problems = append(problems, errors.New("only root may make roots: sudo go tool task clean-root"))
	}
	for _, program := range []string{"debootstrap", "dpkg-deb", "unshare", "chroot", "node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			problems = append(problems, fmt.Errorf("%s is missing (on Debian: apt-get install debootstrap dpkg util-linux coreutils nodejs npm)", program))
		}
	}
	return errors.Join(problems...)
}
