// Package live carries news between replicas through Redis ([Bus]) and holds this replica's open streams ([Hub]).
//
// A replica subscribes to one channel per connected user, and to one that all replicas share. Live news may be lost: then the
// pages are told to resync, and fetch.
package live
