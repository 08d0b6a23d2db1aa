package config

import (
	"fmt"
	"slices"
)

// The values of Config.Traces: whether traces are exported, and by which protocol.
const (
	TracesOff  = "off"           // TracesOff exports nothing.
	TracesHTTP = "http/protobuf" // TracesHTTP exports by OTLP over HTTP.
	TracesGRPC = "grpc"          // TracesGRPC exports by OTLP over gRPC.
)

// setTraces reads those of OpenTelemetry's settings that decide whether traces are
// exported. Its library reads all others itself, such as the sampler's.
func (c *Config) setTraces(lookup func(string) (string, bool)) error {
	first := func(names ...string) string {
		for _, name := range names {
			if v, _ := lookup(name); v != "" {
				return v
			}
		}

		return ""
	}

	endpoint := first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	exporter := first("OTEL_TRACES_EXPORTER")
	protocol := first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

	c.Traces = TracesOff
	if err := checkEndpoint(endpoint); err != nil {
		return err
	}

	switch {
	case !slices.Contains([]string{"", "none", "otlp"}, exporter):
		return fmt.Errorf("OTEL_TRACES_EXPORTER: %q is none of the choices: write otlp or none", exporter)
	case !slices.Contains([]string{"", TracesHTTP, TracesGRPC}, protocol):
		return fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %q is none of the choices: write http/protobuf or grpc",
			protocol)
	case first("OTEL_SDK_DISABLED") == "true" || exporter == "none" || exporter == "" && endpoint == "":
	case protocol == TracesGRPC:
		c.Traces = TracesGRPC
	default:
		c.Traces = TracesHTTP
	}

	return nil
}
