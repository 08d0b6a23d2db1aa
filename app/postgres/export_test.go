package postgres

// Acquires counts how often a connection of the pool was requested.
func (s *Store) Acquires() int64 {
	stat := s.pool.Stat()
	return stat.AcquireCount() + stat.CanceledAcquireCount()
}

// Suspected reports whether the breaker is tripped.
func (s *Store) Suspected() bool { return s.breaker.suspected.Load() }
