package redis

// Cause returns the error that opened the breaker, or nil while Redis is up.
func (b *Bus) Cause() error {
	if err := b.cause.Load(); err != nil && b.Down() {
		return *err
	}
	return nil
}
