package config

// Setting is one environment variable.
type Setting struct {
	Name    string
	Default string
	Meaning string // for people, in English
	Secret  bool   // NAME_FILE may name a file with the value

	set func(value string) error // stores a value in the Config; the error says what to write
}

// Settings returns the table of all settings, in the order in which people look for
// them.
func Settings() []Setting { return new(Config).settings() }

// settings returns the table, whose values are stored in c.
func (c *Config) settings() []Setting {
	return []Setting{
		{
			Name:    "PORT",
			Default: "8000",
			Meaning: "the port to listen on",
			set:     number(&c.Port, 1, 65535),
		},
		{
			Name:    "LISTEN_HOST",
			Default: "127.0.0.1",
			Meaning: "the address to listen on",
			set:     listenHost(&c.Host),
		},
		{
			Name:    "PUBLIC_URL",
			Meaning: "the address that people open, such as https://chat.example.org",
			set:     c.setPublicURL,
		},
		{
			Name:    "ROLES",
			Default: "web,writer",
			Meaning: "what this process does: web serves people, writer stores the log's messages; parley " +
				"--role overrides it",
			set: c.setRoles,
		},
		{
			Name:    "DATABASE_URL",
			Secret:  true,
			Meaning: "PostgreSQL, such as postgres://user:password@host:5432/parley; unset: embedded", // #nosec G101 -- an example
			set:     databaseURL(&c.DatabaseURL),
		},
		{
			Name:    "DATABASE_MAX_CONNECTIONS",
			Default: "16",
			Meaning: "connections in the pool of each process, which opens up to four more outside the pool",
			set:     number(&c.DatabaseMaxConnections, 16, 1000),
		},
		{
			Name:    "DATABASE_POOLER",
			Default: "none",
			Meaning: "transaction: DATABASE_URL leads to a pooler, such as pgbouncer, that shares connections " +
				"by transaction",
			set: oneOf(&c.DatabasePooler, "none", "transaction"),
		},
		{
			Name:    "DATABASE_DIRECT_URL",
			Secret:  true,
			Meaning: "with a pooler: PostgreSQL itself, for the writer, relay events and migrations",
			set:     databaseURL(&c.DatabaseDirectURL),
		},
		{
			Name:   "DATABASE_READ_URL",
			Secret: true,
			Meaning: "a standby, which serves pages of history and lists while it has everything that the " +
				"primary has",
			set: databaseURL(&c.DatabaseReadURL),
		},
		{
			Name:   "REDIS_URL",
			Secret: true,
			Meaning: "Redis, such as redis://host:6379/0; redis+cluster://host1:6379,host2:6379; " +
				"redis+sentinel://host1:26379,host2:26379/master; rediss… for TLS; unset: embedded",
			set: c.setRedisURL,
		},
		{
			Name:    "KAFKA_BROKERS",
			Meaning: "Kafka, host:port separated by commas (KAFKA_BROKER too); unset: embedded",
			set:     c.setKafkaBrokers,
		},
		{
			Name:    "DATA_DIR",
			Default: ".data",
			Meaning: "where embedded services keep their data",
			set:     text(&c.DataDir),
		},
		{
			Name:    "SERVICES_LINGER",
			Default: "0",
			Meaning: "seconds that embedded services outlive the last replica, so that the next start finds " +
				"them running",
			set: number(&c.ServicesLinger, 0, 600),
		},
		{
			Name: "KAFKA_PREFIX",
			Meaning: "prefix of the names of topics and group, such as staging-, for installations that share " +
				"a Kafka",
			set: topicPrefix(&c.KafkaPrefix),
		},
		{
			Name:    "KAFKA_PARTITIONS",
			Default: "3",
			Meaning: "partitions of the topic, when Parley creates it",
			set:     number(&c.KafkaPartitions, 1, 10000),
		},
		{
			Name:    "KAFKA_REPLICATION_FACTOR",
			Default: "1",
			Meaning: "copies of the topic, when Parley creates it; 3 in production",
			set:     number(&c.KafkaReplicationFactor, 1, 32),
		},
		{
			Name:    "KAFKA_MIN_INSYNC_REPLICAS",
			Default: "0",
			Meaning: "copies that must have a message before it is acknowledged, when Parley creates the " +
				"topic; 2 in production; 0: the brokers' default",
			set: number(&c.KafkaMinInsyncReplicas, 0, 32),
		},
		{
			Name:    "KAFKA_RETENTION_DAYS",
			Default: "14",
			Meaning: "days that Kafka keeps a message, stored or not; more than the age of the backup that you " +
				"would restore; 0: for ever",
			set: number(&c.KafkaRetentionDays, 0, 36500),
		},
		{
			Name:    "DEAD_LETTER_RETENTION_DAYS",
			Default: "90",
			Meaning: "days that a message which could not be stored is kept for a decision; 0: for ever",
			set:     number(&c.DeadLetterRetentionDays, 0, 36500),
		},
		{
			Name:    "KAFKA_SECURITY_PROTOCOL",
			Default: "PLAINTEXT",
			Meaning: "protocol of the connections to the brokers: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
			set:     oneOf(&c.KafkaSecurity.Protocol, "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
		},
		{
			Name:    "KAFKA_SASL_MECHANISM",
			Meaning: "with SASL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
			set:     oneOf(&c.KafkaSecurity.Mechanism, "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
		},
		{
			Name:    "KAFKA_SASL_USERNAME",
			Meaning: "Parley's user on the brokers",
			set:     text(&c.KafkaSecurity.Username),
		},
		{
			Name:    "KAFKA_SASL_PASSWORD",
			Secret:  true,
			Meaning: "the password of that user",
			set:     text(&c.KafkaSecurity.Password),
		},
		{
			Name:    "KAFKA_SSL_CA_LOCATION",
			Meaning: "with SSL: a file with the certificates of the brokers' authorities; unset: the machine's",
			set:     text(&c.KafkaSecurity.CA),
		},
		{
			Name:    "KAFKA_SSL_CERTIFICATE_LOCATION",
			Meaning: "with SSL: a file with Parley's own certificate, if the brokers require one",
			set:     text(&c.KafkaSecurity.Certificate),
		},
		{
			Name:    "KAFKA_SSL_KEY_LOCATION",
			Meaning: "a file with the certificate's key",
			set:     text(&c.KafkaSecurity.Key),
		},
		{
			Name:    "KAFKA_SSL_KEY_PASSWORD",
			Secret:  true,
			Meaning: "the key's password, if it has one",
			set:     text(&c.KafkaSecurity.KeyPassword),
		},
		{
			Name:    "WRITER_MAX_ROWS_PER_SECOND",
			Default: "0",
			Meaning: "messages per second that the writer stores at most; 0: no limit",
			set:     number(&c.WriterMaxRowsPerSecond, 0, 1<<31-1),
		},
		{
			Name:    "DEV_SIGNIN",
			Default: "auto",
			Meaning: "the development sign-in: auto (with embedded services), true, false",
			set:     oneOf(&c.DevSignIn, "auto", "true", "false"),
		},
		{
			Name:    "GOOGLE_CLIENT_ID",
			Meaning: "sign-in with Google; its redirect URI is PUBLIC_URL/auth/google/callback",
			set:     text(&c.GoogleClientID),
		},
		{
			Name:    "GOOGLE_CLIENT_SECRET",
			Secret:  true,
			Meaning: "the secret of that client",
			set:     text(&c.GoogleClientSecret),
		},
		{
			Name: "OIDC_NAME",
			Meaning: "sign-in with another OpenID Connect provider, by this name; its redirect URI is " +
				"PUBLIC_URL/auth/oidc/callback",
			set: shortName(&c.OIDCName),
		},
		{
			Name:    "OIDC_ISSUER",
			Meaning: "the provider's issuer, such as https://login.example.org",
			set:     c.setIssuer,
		},
		{
			Name:    "OIDC_CLIENT_ID",
			Meaning: "Parley's client id at the provider",
			set:     text(&c.OIDCClientID),
		},
		{
			Name:    "OIDC_CLIENT_SECRET",
			Secret:  true,
			Meaning: "the secret of that client",
			set:     text(&c.OIDCClientSecret),
		},
		{
			Name:    "LOCAL_PICTURES",
			Default: "false",
			Meaning: "true: pictures may come from this machine, for tests with a provider on it",
			set:     oneOf(&c.LocalPictures, "true", "false"),
		},
		{
			Name:    "LIMIT_MESSAGES",
			Default: "40,10",
			Meaning: "messages per person: burst, then per second; 0: no limit",
			set:     rate(&c.LimitMessages),
		},
		{
			Name:    "LIMIT_CONVERSATION",
			Default: "400,100",
			Meaning: "messages per conversation",
			set:     rate(&c.LimitConversation),
		},
		{
			Name:    "LIMIT_SIGNINS",
			Default: "20,0.2",
			Meaning: "sign-ins per address; ten times as many may begin",
			set:     rate(&c.LimitSignIns),
		},
		{
			Name:    "LIMIT_SEARCHES",
			Default: "30,2",
			Meaning: "searches for people, per person",
			set:     rate(&c.LimitSearches),
		},
		{
			Name:    "LIMIT_CHANGES",
			Default: "20,0.5",
			Meaning: "changes to name and settings, per person; 0: no limit, nor those of friend requests, blocks, " +
				"marks and ends of sessions",
			set: rate(&c.LimitChanges),
		},
		{
			Name:    "LIMIT_UPLOADS",
			Default: "5,0.0167",
			Meaning: "pictures, per person",
			set:     rate(&c.LimitUploads),
		},
		{
			Name:    "LIMIT_READS",
			Default: "240,20",
			Meaning: "cost of pages, per person and replica: 2 for a page, 20 for checking a conversation; 0: no " +
				"limit, nor those of two pages at once and of pictures",
			set: rate(&c.LimitReads),
		},
		{
			Name:    "LIMIT_REQUESTS_PER_DAY",
			Default: "50",
			Meaning: "friend requests per person, and new friends by an invite link; 0: no limit",
			set:     number(&c.LimitRequestsPerDay, 0, 1<<30),
		},
		{
			Name:    "LIMIT_GROUP_MEMBERS",
			Default: "500",
			Meaning: "members of a group, at most 10000",
			set:     number(&c.LimitGroupMembers, 2, 10000),
		},
		{
			Name:    "LIMIT_SENDS_IN_FLIGHT",
			Default: "2000",
			Meaning: "messages that a replica accepts at once; 0: no limit",
			set:     number(&c.LimitSendsInFlight, 0, 1<<20),
		},
		{
			Name:    "LIMIT_DIRECT_WRITES",
			Default: "8",
			Meaning: "messages at once that are stored without Kafka; fewer than DATABASE_MAX_CONNECTIONS; 0: " +
				"no limit",
			set: number(&c.LimitDirectWrites, 0, 1<<20),
		},
		{
			Name:    "LIMIT_STREAMS_PER_USER",
			Default: "12",
			Meaning: "open streams per person; 0: no limit",
			set:     number(&c.LimitStreamsPerUser, 0, 1<<30),
		},
		{
			Name:    "LIMIT_STREAMS_PER_ADDRESS",
			Default: "2000",
			Meaning: "open streams per address; 0: no limit",
			set:     number(&c.LimitStreamsPerAddress, 0, 1<<30),
		},
		{
			Name:    "LIMIT_CONNECTIONS_PER_ADDRESS",
			Default: "4000",
			Meaning: "open connections per address, besides streams; trusted proxies have no limit; 0: no limit",
			set:     number(&c.LimitConnections, 0, 1<<30),
		},
		{
			Name:    "TRUSTED_PROXIES",
			Meaning: "proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas",
			set:     c.setProxies,
		},
		{
			Name:    "READ_TIMEOUT",
			Default: "15",
			Meaning: "seconds in which a request must arrive, head and body",
			set:     number(&c.ReadTimeout, 1, 600),
		},
		{
			Name: "OPS_ADDR",
			Meaning: "address of the operators' pages (/pipeline, /metrics), never the public one; unset: " +
				"127.0.0.1, at PORT + 1000",
			set: c.setOpsAddr,
		},
		{
			Name:    "OPS_REMOTE",
			Default: "false",
			Meaning: "true: OPS_ADDR may be an address that other machines reach, where everyone reads these pages",
			set:     oneOf(&c.OpsRemote, "true", "false"),
		},
		{
			Name: "STATIC_DIR",
			Meaning: "for designers: read styles and scripts from this directory, at each request, instead of " +
				"the program",
			set: text(&c.StaticDir),
		},
		{
			Name:    "LOG_FORMAT",
			Default: "text",
			Meaning: "text or json",
			set:     oneOf(&c.LogFormat, "text", "json"),
		},
		{
			Name:    "LOG_LEVEL",
			Default: "info",
			Meaning: "debug, info, warn or error",
			set:     c.setLogLevel,
		},
	}
}
