// Package ops shows those who run Parley what happens inside: metrics for Prometheus, traces for OpenTelemetry.
package ops
