package kafka

import "sync/atomic"

// lastError is the last error of the brokers or of the client, for the log line of an
// outage. Safe for concurrent use.
type lastError struct{ err atomic.Pointer[error] }

func (l *lastError) note(err error) {
	if err != nil && err != errDown {
		l.err.Store(&err)
	}
}

// Cause returns the last error of the log while it is down, or nil.
func (p *Producer) Cause() error {
	if err := p.lastError.err.Load(); err != nil && !p.Up() {
		return *err
	}
	return nil
}
