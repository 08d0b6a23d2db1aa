// Package devservices runs a real PostgreSQL, a Redis (miniredis) and a Kafka broker (kfake)
// for a machine that has none.
//
// The services of a data directory live in one child process, `parley services` ([RunChild]).
// Replicas that use the same directory share it, and each of them holds a [Lease]: a
// connection to the child's socket. The kernel closes the connection however the replica
// ends, and the child ends when no lease is left. Data survives a restart, and a kill -9 of any process.
//
// The directory has these files of the protocol between launcher ([Acquire]) and child:
//
//	lock           held by the child while it runs, so that there is at most one
//	services.sock  the child's socket, in a temporary directory if its path would be too long
//	services.json  the path of the socket, there while the child accepts leases
//	services.pid   the child's process id, for tests and for people
//	services.log   the child's output
//	ports.json     the services' ports, which a later child uses again
//	secrets.json   their passwords, likewise
//
// A launcher connects to the address in services.json. If that fails and the lock is free, it
// starts a child and tries again. Launchers that do so at once start several children: one
// gets the lock, the others end. Over the connection both sides send lines of JSON:
//
//	launcher: ["postgres","redis"]            starts the services that do not run yet
//	child:    {"parts":[…],"error":"","last":false}
//	launcher: null                            the lease is about to be closed
//	child:    {…,"last":true}                 this is the last lease, and the child will end
//
// When a connection breaks because the child died, its launchers start the next child in the
// same way. It serves the same data, and the same ports if they are free.
//
// Other users of the machine have no access. The data directory belongs to its user and only that
// user may write it; links and directories of others are refused ([ownDirectory]). PostgreSQL and
// Redis want a password. On Linux kfake's port accepts connections of this user and of root
// only; on other systems it accepts those of everybody on this machine. If root has no user postgres, its PostgreSQL runs
// as nobody, whose other processes can then read the data: create one with useradd -r postgres.
package devservices
