// Package safehttp downloads from addresses that strangers chose. Its client
// connects to public servers only, so nobody can make Parley read from its own
// network (server-side request forgery).
package safehttp
