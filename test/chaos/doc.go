// Package chaos lets people talk over real replicas on real parts, hurts these one after the other, and looks whether DESIGN.md's promises
// held: what people did and were shown is written down in a [History], and [Check] compares that with what is stored, what can be
// read, and what stands on every screen. [Plants] are bugs put into the program on purpose, each of which the same check must find.
package chaos
