package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"parley/app/client"
	"parley/app/devservices"
	"parley/test/services"
)

// nonroot is the user id of distroless' user nonroot.
const nonroot = 65532

// serve starts the program of the image on real services, and requests what a balancer, a container
// engine and a person request.
func serve(ctx context.Context, made image) error {
	dir, err := os.MkdirTemp("", "parley-root-services-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // for root, PostgreSQL runs as another user
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

	environment := append(made.environment,
		fmt.Sprintf("PORT=%d", port),
		"PUBLIC_URL=https://parley.localhost",
		"TRUSTED_PROXIES=127.0.0.1",
		"DATABASE_URL="+set.Postgres.URL,
		"REDIS_URL="+set.Redis.URL,
		"KAFKA_BROKERS="+set.Kafka.URL)
	var output bytes.Buffer
	program := command(ctx, made.root, environment, made.entrypoint...)
	program.Stdout, program.Stderr = &output, &output
	program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
	if err := program.Start(); err != nil {
		return err
	}

	ended := make(chan struct{})
	go func() { _ = program.Wait(); close(ended) }()
	defer func() { _ = program.Process.Signal(syscall.SIGTERM); <-ended }()

	if err := checkPages(ctx, fmt.Sprintf("http://127.0.0.1:%d", port), ended); err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	if out, err := command(ctx, made.root, environment, made.healthcheck...).CombinedOutput(); err != nil {
		return fmt.Errorf("the health check failed: %w\n%s", err, out)
	}
	if err := checkPrivileges(program.Process.Pid); err != nil {
		return err
	}

	fmt.Println("served /readyz, /healthz and /signin as user", nonroot,
		"without capabilities; its own health check passes")
	return nil
}

// command is a command of the image: in its root, as its user, who cannot become another one.
func command(ctx context.Context, root string, environment []string, words ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env = "/", environment
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Credential: &syscall.Credential{Uid: nonroot, Gid: nonroot},
	}
	return cmd
}

// checkPages waits until the replica is ready, and requests its health and a page.
func checkPages(ctx context.Context, base string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err := devservices.Await(ctx, ended, func() error {
		_, err := get(ctx, base, "/readyz")
		return err
	})
	if err != nil {
		return err
	}
	if _, err := get(ctx, base, "/healthz"); err != nil {
		return err
	}

	page, err := get(ctx, base, "/signin")
	if err == nil && !(strings.Contains(page, "<h1") && strings.Contains(page, "Parley")) {
		err = errors.New("/signin is not a page of Parley")
	}
	return err
}

// get requests a page as a browser does behind a trusted proxy.
func get(ctx context.Context, base, path string) (string, error) {
	header := http.Header{"Accept": {"text/html"}, "X-Forwarded-For": {"192.0.2.1"}}
	res, body, err := client.New(base, client.Options{}).Fetch(ctx, path, header)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %s: %s", path, res.Status, body)
	}
	return string(body), err
}

// checkPrivileges checks the user and the capabilities of a process, as the kernel reports them.
func checkPrivileges(pid int) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err
	}
	for _, want := range []string{
		fmt.Sprintf("\nUid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", nonroot),
		"\nCapEff:\t0000000000000000\n",
	} {
		if !strings.Contains(string(status), want) {
			return fmt.Errorf("the status of the process lacks%s", strings.ReplaceAll(want, "\n", " "))
		}
	}
	return nil
}
