// Package admin shows those who run Parley what happens inside: metrics for Prometheus, traces for OpenTelemetry, and pages on a listener of its own,
// through net/http, that people don't reach.
package admin
