// Package redis carries news between replicas through Redis ([Bus]).
//
// A replica subscribes to one channel per connected user, and to one that all replicas share. Live news may be lost: then the
// pages are told to resync, and fetch.
package redis
