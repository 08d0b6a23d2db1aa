package main

import (
	"errors"
	"strings"
)

// withRole takes --role out of the arguments of a replica, first or behind serve, and lets it say what ROLES does.
func withRole(lookup func(string) (string, bool), args []string) (func(string) (string, bool), []string, error) {
	rest := args
	if len(rest) > 0 && rest[0] == "serve" {
		rest = rest[1:]
	}
	if len(rest) == 0 || !strings.HasPrefix(rest[0], "--role") {
		return lookup, args, nil
	}
	role, isOne := strings.CutPrefix(rest[0], "--role=")
	if isOne {
		rest = rest[1:]
	} else if rest[0] == "--role" && len(rest) > 1 {
		role, rest = rest[1], rest[2:]
	} else {
		role = ""
	}
	if role == "" || len(rest) > 0 && rest[0] != showTextFlag {
		return nil, nil, errors.New("say which: parley --role web, parley --role writer, or parley --role web,writer")
	}
	return func(name string) (string, bool) {
		if name == "ROLES" {
			return role, true
		}
		return lookup(name)
	}, rest, nil
}
