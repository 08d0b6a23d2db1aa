package web

import (
	"net/url"
	"strings"
)

// localPath returns next if it is a path of this site, else "/": nobody may make a
// redirect lead to another origin.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") {
		return "/"
	}

	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	if strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return "/"
	}

	for _, r := range next {
		if r < 0x21 || r == 0x7f {
			return "/"
		}
	}

	return next
}

// landingPath returns the local path next, or the conversations without one.
func landingPath(next string) string {
	if next = localPath(next); next == "/" {
		return "/conversations"
	}
	return next
}
