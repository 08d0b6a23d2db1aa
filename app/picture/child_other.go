//go:build !linux

package picture

// limitProcess does nothing: only Linux enforces a limit of the address space.
func limitProcess(childLimits) {}
