// Package db holds the database's migrations (goose) and queries (sqlc, with its output beside them in queries/).
package db

import "embed"

// Migrations is the folder migrations/, as goose reads it.
//
//go:embed migrations/*.sql
var Migrations embed.FS
