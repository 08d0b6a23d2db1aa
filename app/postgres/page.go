package postgres

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"parley/app/chat"
)

// A page's name is opaque to those who hand it back: its keyset in JSON, in URL-safe base64.

func encodePage(keyset any) string {
	b, err := json.Marshal(keyset)
	if err != nil {
		panic(err) // a keyset is two plain values
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodePage answers the zero keyset for "", and Invalid for what encodePage didn't make.
func decodePage[K any](page string) (K, error) {
	var keyset K
	if page == "" {
		return keyset, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(page)
	if err == nil {
		err = json.Unmarshal(b, &keyset)
	}
	if err != nil || bytes.Contains(b, []byte(`\u0000`)) { // no name has a NUL, and Postgres would fail
		return keyset, chat.Invalid("page", "This page of the list isn’t there any more. Start again from the top.")
	}
	return keyset, nil
}
