package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// lighthouse is the command, and the port at which it joins a running browser.
type lighthouse struct {
	command string
	port    int
}

// Lighthouse's mobile preset slows the processor down to the speed of a phone. The default factor
// is right for a fast machine. phoneIndex is the benchmark index of that phone (Chrome DevTools,
// CalibrationController, lowScore).
const (
	defaultSlowdown = 4
	phoneIndex      = 264
)

// maxMeasurements bounds the measurements of a page: other work on the machine lowers a score, and
// nothing raises it.
const maxMeasurements = 5

// best measures a page until all scores are 100, or maxMeasurements times, and returns the best
// report. After the first measurement the speed of the machine is known, and a slow machine is
// slowed down less.
func (l *lighthouse) best(ctx context.Context, address string) (best report, err error) {
	slowdown := float64(defaultSlowdown)
	for range maxMeasurements {
		r, err := l.measure(ctx, address, slowdown)
		if err != nil {
			return r, err
		}
		if best.Categories == nil || r.sum() > best.sum() {
			best = r
		}
		if best.sum() == 100*len(categories) {
			break
		}

		slowdown = max(1, min(slowdown, r.Environment.BenchmarkIndex/phoneIndex))
	}
	return best, nil
}

func (l *lighthouse) measure(ctx context.Context, address string, slowdown float64) (r report, err error) {
	cmd := exec.CommandContext(ctx, l.command, address,
		"--quiet",
		"--output=json",
		"--no-enable-error-reporting",
		"--port="+strconv.Itoa(l.port),
		"--only-categories="+strings.Join(categories, ","),
		fmt.Sprintf("--throttling.cpuSlowdownMultiplier=%.1f", slowdown))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}

	if err := json.Unmarshal(out, &r); err != nil {
		return r, err
	}
	if r.RuntimeError.Message != "" {
		return r, errors.New(r.RuntimeError.Message)
	}
	if r.FinalDisplayedURL != address {
		return r, fmt.Errorf("the page redirected to %s", r.FinalDisplayedURL)
	}
	return r, nil
}
