// Package e2e tells what people do with Parley, in real browsers, against real replicas on real services.
package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"parley/app/devservices"
	"parley/app/e2e/services"
	"parley/app/e2e/stage"
)

// world is what all tests share: the services, the program, and a browser. Each test starts replicas of its own.
var world struct {
	dir     string
	program string
	set     *services.Set
	browser context.Context
}

func TestMain(m *testing.M) { os.Exit(runWorld(m)) }

func runWorld(m *testing.M) int {
	err := services.Missing()
	if err == nil {
		world.dir, err = os.MkdirTemp("", "parley-e2e-")
	}
	if err == nil {
		defer os.RemoveAll(world.dir)
		err = os.Chmod(world.dir, 0o755) // as root, Postgres runs as another user
	}
	if err == nil {
		world.set, err = services.Start(context.Background(), world.dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer world.set.Stop()
	world.program = filepath.Join(world.dir, "parley")
	if out, err := exec.Command("go", "build", "-o", world.program, "parley/app").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(stage.BrowserOptions(), chromedp.Flag("ignore-certificate-errors", true))...)
	defer stop()
	var closeBrowser context.CancelFunc
	world.browser, closeBrowser = chromedp.NewContext(allocator)
	defer closeBrowser()
	if err := chromedp.Do(world.browser); err != nil {
		fmt.Fprintln(os.Stderr, "chromium:", err)
		return 1
	}
	return m.Run()
}

// replica is a running process of the program.
type replica struct {
	t       testing.TB
	base    string
	program string // normally the world's
	env     []string
	cmd     *exec.Cmd
	log     *os.File
	gone    chan struct{}
}

// onRealServices are the settings for the shared Postgres, Redis and Kafka.
func onRealServices() []string {
	return []string{"DATABASE_URL=" + world.set.Postgres.URL, "REDIS_URL=" + world.set.Redis.URL, "KAFKA_BROKERS=" + world.set.Kafka.URL}
}

// startReplica starts one on a free port, with more settings, and waits until it answers.
func startReplica(t testing.TB, settings ...string) *replica {
	t.Helper()
	return startProgram(t, world.program, settings...)
}

func startProgram(t testing.TB, program string, settings ...string) *replica {
	t.Helper()
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{t: t, program: program, base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	r.env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), "DEV_SIGNIN=true", "LIMIT_SIGNINS=0", "LIMIT_MESSAGES=0", "LIMIT_CONVERSATION=0")
	r.env = append(r.env, settings...)
	r.start()
	t.Cleanup(func() {
		r.end(syscall.SIGTERM)
		if t.Failed() {
			if b, err := os.ReadFile(r.log.Name()); err == nil {
				t.Logf("replica %s:\n%s", r.base, b)
			}
		}
	})
	return r
}

// settings are those that it was started with, for another one.
func (r *replica) settings() (list []string) {
	for _, s := range r.env[len(os.Environ()):] {
		if !strings.HasPrefix(s, "PORT=") {
			list = append(list, s)
		}
	}
	return list
}

func (r *replica) start() {
	r.t.Helper()
	log, err := os.CreateTemp(world.dir, "replica-*.log")
	if err != nil {
		r.t.Fatal(err)
	}
	r.log = log
	r.cmd = exec.Command(r.program)
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = r.env, log, log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) { _ = cmd.Wait(); close(gone) }(r.cmd, r.gone)
	eventually(r.t, r.base+" answers", func() bool {
		select {
		case <-r.gone:
			b, _ := os.ReadFile(log.Name())
			r.t.Fatalf("the replica ended:\n%s", b)
		default:
		}
		res, err := http.Get(r.base + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode == http.StatusOK
	})
}

// end sends a signal and waits for the process to go. One that stays is made to tell what it waits for, and fails the test.
func (r *replica) end(sig syscall.Signal) {
	select {
	case <-r.gone:
		return
	default:
	}
	_ = r.cmd.Process.Signal(sig)
	select {
	case <-r.gone:
	case <-time.After(60 * time.Second):
		r.t.Errorf("%s did not end on %v", r.base, sig)
		_ = r.cmd.Process.Signal(syscall.SIGQUIT)
		<-r.gone
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// unique makes a name that no other test uses.
func unique(t testing.TB, name string) string {
	return fmt.Sprintf("%s %s", name, strings.ReplaceAll(t.Name(), "/", " "))
}
