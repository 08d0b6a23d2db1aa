package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"parley/app/devservices"
	"parley/test/services"
)

// nobody is distroless' nonroot.
const nobody = 65532

// serve starts the image's program on real services and asks it what a balancer, an engine and a person ask.
func serve(ctx context.Context, made image) error {
	dir, err := os.MkdirTemp("", "parley-root-services-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // as root, Postgres runs as another user
		return err
	}
	set, err := services.Start(ctx, dir)
	if err != nil {
		return err
	}
	defer set.Stop()
	port, err := devservices.FreePort(0)
	if err != nil {
		return err
	}
	environment := append(made.environment, fmt.Sprintf("PORT=%d", port), "PUBLIC_URL=https://parley.localhost", "TRUSTED_PROXIES=127.0.0.1",
		"DATABASE_URL="+set.Postgres.URL, "REDIS_URL="+set.Redis.URL, "KAFKA_BROKERS="+set.Kafka.URL)
	var output bytes.Buffer
	program := within(ctx, made.root, environment, made.entrypoint...)
	program.Stdout, program.Stderr = &output, &output
	program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
	if err := program.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = program.Wait(); close(ended) }()
	defer func() { _ = program.Process.Signal(syscall.SIGTERM); <-ended }()
	if err := look(ctx, fmt.Sprintf("http://127.0.0.1:%d", port), ended); err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	if out, err := within(ctx, made.root, environment, made.healthcheck...).CombinedOutput(); err != nil {
		return fmt.Errorf("the health check: %w\n%s", err, out)
	}
	if err := unprivileged(program.Process.Pid); err != nil {
		return err
	}
	fmt.Println("served /readyz, /healthz and /signin as user", nobody, "without capabilities; its own health check passes")
	return nil
}

// within is a command of the image: in its root, as its user, without a way to become another.
func within(ctx context.Context, root string, environment []string, command ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = "/", environment
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// look waits until the replica is ready, and reads a page.
func look(ctx context.Context, base string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := devservices.Await(ctx, ended, func() error { _, err := ask(ctx, base+"/readyz"); return err }); err != nil {
		return err
	}
	if _, err := ask(ctx, base+"/healthz"); err != nil {
		return err
	}
	page, err := ask(ctx, base+"/signin")
	if err == nil && !(strings.Contains(page, "<h1") && strings.Contains(page, "Parley")) {
		err = errors.New("/signin is no page of Parley's")
	}
	return err
}

func ask(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("X-Forwarded-For", "192.0.2.1")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %s", address, res.Status, body)
	}
	return string(body), err
}

// unprivileged reads from the kernel who a process is.
func unprivileged(pid int) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err
	}
	for _, want := range []string{fmt.Sprintf("\nUid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", nobody), "\nCapEff:\t0000000000000000\n"} {
		if !strings.Contains(string(status), want) {
			return fmt.Errorf("the program isn't%s", strings.ReplaceAll(want, "\n", " "))
		}
	}
	return nil
}
