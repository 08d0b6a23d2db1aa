// Package db holds the schema of the database (migrations, run by goose) and its
// queries (queries, compiled by sqlc into the package beside them).
package db

import "embed"

// Migrations is the file system that goose reads; its files are in the folder
// migrations.
//
//go:embed migrations/*.sql
var Migrations embed.FS
