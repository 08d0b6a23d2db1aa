package config

import (
	"strings"
	"testing"
)

// TestTraces follows OpenTelemetry's specification of its environment variables.
func TestTraces(t *testing.T) {
	for environ, want := range map[string]string{
		"":                                     TracesOff,
		"OTEL_SERVICE_NAME=x":                  TracesOff,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://x": TracesHTTP,
		"OTEL_TRACES_EXPORTER=otlp":            TracesHTTP,
		"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=grpc":                                      TracesGRPC,
		"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=x OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc": TracesGRPC,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://x OTEL_TRACES_EXPORTER=none":                                  TracesOff,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://x OTEL_SDK_DISABLED=true":                                     TracesOff,
		"OTEL_TRACES_EXPORTER=jaeger":                                                                     "write otlp or none",
		"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=http/json":                                 "write http/protobuf or grpc",
	} {
		set := map[string]string{}

		for _, pair := range strings.Fields(environ) {
			name, value, _ := strings.Cut(pair, "=")
			set[name] = value
		}

		c, err := Load(func(name string) (string, bool) { v, ok := set[name]; return v, ok })
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && c.Traces != want {
			t.Errorf("%q: %q, %v", environ, c.Traces, err)
		}
	}
}
