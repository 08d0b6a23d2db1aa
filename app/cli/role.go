package cli

import (
	"errors"
	"strings"
)

// withRole takes --role out of the arguments of a replica, and lets it say what ROLES does.
func withRole(lookup func(string) (string, bool), args []string) (func(string) (string, bool), []string, error) {
	if len(args) == 0 || args[0] != "serve" && !strings.HasPrefix(args[0], "--") {
		return lookup, args, nil
	}
	var role string
	var rest []string
	given := false
	for i := 0; i < len(args); i++ {
		value, isOne := strings.CutPrefix(args[i], "--role=")
		if args[i] == "--role" && i+1 < len(args) {
			i++
			value, isOne = args[i], true
		}
		switch {
		case isOne && !given && value != "":
			role, given = value, true
		case isOne || args[i] == "--role" || given && args[i] != "serve" && args[i] != showTextFlag:
			return nil, nil, errors.New("say which: parley --role web, parley --role writer, or parley --role web,writer")
		default:
			rest = append(rest, args[i])
		}
	}
	if !given {
		return lookup, args, nil
	}
	return func(name string) (string, bool) {
		if name == "ROLES" {
			return role, true
		}
		return lookup(name)
	}, rest, nil
}
