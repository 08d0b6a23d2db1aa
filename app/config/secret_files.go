package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// fileSuffix makes the name of the setting that names a file with a secret.
const fileSuffix = "_FILE"

// maxSecretFile is the maximum size of such a file, in bytes: more is another file.
const maxSecretFile = 16 << 10

// value returns the value of a setting: that of its variable, or for a secret the
// content of the file that NAME_FILE names.
func (s Setting) value(lookup func(string) (string, bool)) (string, error) {
	value, _ := lookup(s.Name)
	value = strings.TrimSpace(value)
	if s.Secret {
		file, _ := lookup(s.Name + fileSuffix)
		switch file = strings.TrimSpace(file); {
		case file != "" && value != "":
			return "", fmt.Errorf("%s and %s%s are both set: set one of them", s.Name, s.Name, fileSuffix)
		case file != "":
			secret, err := readSecret(file)
			if err != nil {
				return "", fmt.Errorf("%s%s: %w", s.Name, fileSuffix, err)
			}
			return secret, nil
		}
	}

	if value == "" {
		value = s.Default
	}
	return value, nil
}

// readSecret returns the one line of a file, without the spaces and the end of the line
// around it.
func readSecret(file string) (string, error) {
	info, err := os.Stat(file)
	var content []byte
	if err == nil && info.Size() <= maxSecretFile {
		content, err = os.ReadFile(file) // #nosec G304 -- the operator names it
	}

	secret := strings.TrimSpace(string(content))
	switch {
	case err != nil:
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return "", fmt.Errorf("%s can’t be read (%w): write a file that Parley may read", file, err)
	case info.Size() > maxSecretFile:
		return "", fmt.Errorf("%s has more than %d bytes: write a file that has the secret alone", file, maxSecretFile)
	case secret == "":
		return "", fmt.Errorf("%s is empty: write a file that has the secret", file)
	case strings.ContainsAny(secret, "\n\r\x00"):
		return "", fmt.Errorf("%s has more than one line: write a file that has the secret alone", file)
	}
	return secret, nil
}
