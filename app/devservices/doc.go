// Package devservices runs a real PostgreSQL, a Redis (miniredis) and a Kafka broker (kfake) for a machine that has none.
//
// They live in one child process ([RunChild], `parley services`), which holds a lock on the data directory and writes its address
// there. Every replica started with the same directory holds a lease, a connection to the child ([Acquire]); the kernel closes
// it however the replica ends, and the child stops when none is left. Data survives a restart and a kill -9 of anything.
package devservices
