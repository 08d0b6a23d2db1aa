package devservices

import (
	"fmt"
	"io"
	"net/url"
	"time"
)

// Service is a dependency of a replica, as the report of the start shows it.
type Service struct {
	Name     string        `json:"name"`  // postgres, redis or kafka
	Product  string        `json:"what"`  // for people
	Location string        `json:"where"` // the directory of its data, or the setting with its address
	URL      string        `json:"url"`
	Embedded bool          `json:"embedded"` // it runs in this package's child
	ReadyIn  time.Duration `json:"ready_in"`
}

// Report prints a line for each service. The line of an embedded one has its address, without
// the password, and the directory of its data.
func Report(w io.Writer, services []Service) {
	for _, s := range services {
		if !s.Embedded {
			fmt.Fprintf(w, "  %-9s %-18s %-9s %s\n", s.Name, s.Product, "yours", s.Location)
			continue
		}

		fmt.Fprintf(w, "  %-9s %-18s %-9s %-15s  ready in %-7s %s\n",
			s.Name, s.Product, "embedded", s.address(), s.ReadyIn.Round(time.Millisecond), s.Location)
	}
}

// address returns host:port of the URL. Kafka's URL is that already.
func (s Service) address() string {
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		return u.Host
	}

	return s.URL
}
