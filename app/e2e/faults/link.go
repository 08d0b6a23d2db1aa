package faults

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"parley/app/devservices"
)

// Link is the wire between the replicas and a part, at one address for its whole life. Whenever it changes it is another proxy: toxiproxy 2.5.0 can
// hang for ever when a toxic is taken from a connection that is in use.
type Link struct {
	Port  int
	to    int
	proxy *toxiproxy.Proxy
}

// newLink reserves a port; Open makes the link.
func newLink() (*Link, error) {
	port, err := devservices.FreePort(0)
	return &Link{Port: port}, err
}

// Open lets everything through.
func (l *Link) Open() error { return l.become("") }

// Cut breaks all connections, and refuses new ones.
func (l *Link) Cut() error {
	if l.proxy != nil {
		l.proxy.Stop()
		l.proxy = nil
	}
	return nil
}

// Slow delays whatever goes either way, by from a third to all of most.
func (l *Link) Slow(most time.Duration) error {
	third := most.Milliseconds() / 3
	return l.become(fmt.Sprintf(`"type": "latency", "attributes": {"latency": %d, "jitter": %d}`, 2*third, third))
}

// Silence takes connections, and lets nothing through.
func (l *Link) Silence() error { return l.become(`"type": "timeout", "attributes": {"timeout": 0}`) }

// become replaces the proxy by one with this toxic in both directions.
func (l *Link) become(toxic string) error {
	if err := l.Cut(); err != nil {
		return err
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "link", fmt.Sprintf("127.0.0.1:%d", l.Port), fmt.Sprintf("127.0.0.1:%d", l.to))
	for _, way := range []string{"upstream", "downstream"} {
		if toxic == "" {
			continue
		}
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"stream": %q, %s}`, way, toxic))); err != nil {
			return err
		}
	}
	if err := proxy.Start(); err != nil {
		return err
	}
	l.proxy = proxy
	return nil
}

// through is an address of the part's, by way of the link.
func (l *Link) through(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Sprintf("127.0.0.1:%d", l.Port)
	}
	u.Host = fmt.Sprintf("127.0.0.1:%d", l.Port)
	return u.String()
}
