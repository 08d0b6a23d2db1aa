package cli

import (
	"errors"
	"flag"
)

const roleFlagName = "role"

// roleFlag is the flag --role of serve. It may be given once.
type roleFlag string

// String returns the given role; "" when the flag wasn't given.
func (r *roleFlag) String() string { return string(*r) }

// Set stores the role. Package config checks it, as it checks the setting ROLES.
func (r *roleFlag) Set(role string) error {
	if role == "" || *r != "" {
		return errors.New("write one list: parley --role web, parley --role writer, or parley --role web,writer")
	}
	*r = roleFlag(role)
	return nil
}

// withRole returns lookup with the setting ROLES overridden by the flag --role.
func withRole(lookup func(string) (string, bool), flags *flag.FlagSet) func(string) (string, bool) {
	role := flags.Lookup(roleFlagName)
	if role == nil || role.Value.String() == "" {
		return lookup
	}

	return func(name string) (string, bool) {
		if name == "ROLES" {
			return role.Value.String(), true
		}
		return lookup(name)
	}
}
