package config

// checkDatabase finds addresses of PostgreSQL that don't fit together.
func (c Config) checkDatabase(p *problems) {
	pooled := c.DatabasePooler == "transaction"
	switch {
	case c.DatabaseURL == "" && (pooled || c.DatabaseDirectURL != "" || c.DatabaseReadURL != ""):
		p.addf("DATABASE_POOLER, DATABASE_DIRECT_URL and DATABASE_READ_URL are beside a database of yours: " +
			"set DATABASE_URL")
	case pooled && c.DatabaseDirectURL == "":
		p.addf("DATABASE_POOLER=transaction keeps no session: set DATABASE_DIRECT_URL to PostgreSQL itself")
	case !pooled && c.DatabaseDirectURL != "":
		p.addf("DATABASE_DIRECT_URL is for what goes past a pooler: set DATABASE_POOLER=transaction, or remove it")
	}

	if c.LimitDirectWrites >= c.DatabaseMaxConnections {
		p.addf("LIMIT_DIRECT_WRITES=%d would leave people no connection of DATABASE_MAX_CONNECTIONS=%d: "+
			"write at most half of them", c.LimitDirectWrites, c.DatabaseMaxConnections)
	}
}
