package config

import (
	"errors"
	"fmt"
)

// database finds ways to PostgreSQL that don't fit together.
func (c Config) database() (problems []error) {
	pooled := c.DatabasePooler == "transaction"
	switch {
	case c.DatabaseURL == "" && (pooled || c.DatabaseDirectURL != "" || c.DatabaseReadURL != ""):
		problems = append(problems, errors.New("DATABASE_POOLER, DATABASE_DIRECT_URL and DATABASE_READ_URL are beside a database of yours: set DATABASE_URL"))
	case pooled && c.DatabaseDirectURL == "":
		problems = append(problems, errors.New("DATABASE_POOLER=transaction keeps no session: set DATABASE_DIRECT_URL to PostgreSQL itself"))
	case !pooled && c.DatabaseDirectURL != "":
		problems = append(problems, errors.New("DATABASE_DIRECT_URL is for what goes past a pooler: set DATABASE_POOLER=transaction, or remove it"))
	}
	if c.LimitDirectWrites >= c.DatabaseMaxConnections {
		problems = append(problems, fmt.Errorf("LIMIT_DIRECT_WRITES=%d would leave people no connection of DATABASE_MAX_CONNECTIONS=%d: write at most half of them", c.LimitDirectWrites, c.DatabaseMaxConnections))
	}
	return problems
}
