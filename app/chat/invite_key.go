package chat

import (
	"context"
	"sync/atomic"
)

// inviteKey is the installation's key of invite links, which is read once. Its zero value has
// not read it. Safe for concurrent use.
type inviteKey struct{ value atomic.Pointer[[]byte] }

func (k *inviteKey) get(ctx context.Context, read func(context.Context) ([]byte, error)) ([]byte, error) {
	if key := k.value.Load(); key != nil {
		return *key, nil
	}
	key, err := read(ctx)
	if err == nil {
		k.value.Store(&key)
	}
	return key, err
}
