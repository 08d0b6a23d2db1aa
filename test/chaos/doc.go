// Package chaos is the fault suite. People write to each other on real replicas
// with real dependencies, faults hit these one after the other, and [Check]
// compares what people did and saw, which a [History] records, with what is
// stored, what can be read, and what every screen shows. [Mutants] are bugs
// planted in the program, each of which the same check must find. The faults,
// the links and the check of the store are those of app/drill.
package chaos
