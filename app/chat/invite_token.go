package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// inviteLife is how long an invite link works.
const inviteLife = 7 * 24 * time.Hour

// inviteLink is what the token of an invite link says.
type inviteLink struct {
	inviter uuid.UUID
	expires time.Time // a full hour
	version int32     // of the inviter's links
}

// Lengths of a token's parts in bytes: inviter, hours since 1970, version; and the first
// half of an HMAC-SHA-256 of them.
const (
	invitePayload = 16 + 4 + 4
	inviteMAC     = sha256.Size / 2
)

// token returns the link's signed form, in URL-safe base64.
func (l inviteLink) token(key []byte) string {
	b := make([]byte, 0, invitePayload+inviteMAC)
	b = append(b, l.inviter[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(l.expires.Unix()/3600))
	b = binary.BigEndian.AppendUint32(b, uint32(l.version))
	return base64.RawURLEncoding.EncodeToString(append(b, signInvite(key, b)...))
}

// parseInviteToken returns the link of a token; ok is false for one that was not signed
// with the key.
func parseInviteToken(key []byte, token string) (l inviteLink, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != invitePayload+inviteMAC || !hmac.Equal(b[invitePayload:], signInvite(key, b[:invitePayload])) {
		return inviteLink{}, false
	}

	copy(l.inviter[:], b)
	l.expires = time.Unix(int64(binary.BigEndian.Uint32(b[16:]))*3600, 0)
	l.version = int32(binary.BigEndian.Uint32(b[20:]))
	return l, true
}

func signInvite(key, payload []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(payload)
	return mac.Sum(nil)[:inviteMAC]
}
