package postgres

// Asked is how often the pool was asked for a connection.
func (s *Store) Asked() int64 {
	stat := s.pool.Stat()
	return stat.AcquireCount() + stat.CanceledAcquireCount()
}

// Refusing tells that the breaker is open.
func (s *Store) Refusing() bool { return s.gate.open.Load() }
