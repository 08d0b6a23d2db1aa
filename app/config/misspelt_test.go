package config

import (
	"strings"
	"testing"
)

func TestMisspelt(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		want    string // "": fine
	}{
		"one letter":          {[]string{"REDIS_URI=redis://x"}, "write REDIS_URL"},
		"singular":            {[]string{"TRUSTED_PROXY=10.0.0.1"}, "write TRUSTED_PROXIES"},
		"two letters swapped": {[]string{"PUBLIC_ULR=https://x"}, "write PUBLIC_URL"},
		"written out":         {[]string{"OPS_ADDRESS=127.0.0.1:1"}, "write OPS_ADDR"},
		"lower case":          {[]string{"dev_signin=true"}, "write DEV_SIGNIN"},
		"dashes":              {[]string{"LOG-LEVEL=debug"}, "write LOG_LEVEL"},
		"both are set":        {[]string{"REDIS_URI=redis://x", "REDIS_URL=redis://y"}, ""},
		"set to nothing":      {[]string{"REDIS_URI="}, ""},
		"alias":               {[]string{"KAFKA_BROKER=a:1"}, ""},
		"OpenTelemetry’s": {
			[]string{"OTEL_CLIENT_ID=x", "OTEL_SERVICE_NAME=x", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x"},
			"",
		},
		"short setting": {[]string{"PORTS=8000", "HOST=x", "POST=y"}, ""},
		"settings of tests": {
			[]string{"PARLEY_TEST_REDIS_URL=redis://x", "PARLEY_TEST_DATABASE_URL=postgres://x"},
			"",
		},
		"usual variables": {
			strings.Fields(`
				HOME=/ PATH=/bin LANG=C TERM=xterm LOGNAME=x GOPROXY=x
				JAVA_HOME=/ KAFKA_HEAP_OPTS=-Xmx1g KAFKA_OPTS=x REDIS_HOST=h REDIS_PORT=1 REDIS_PASSWORD=x
				DATABASE_USER=x DATABASE_NAME=x PUBLIC_IP=1 DATA_HOME=/ LOG_FILE=x LOG_DIR=x`),
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := Misspelt(tt.environ)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
