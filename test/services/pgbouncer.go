package services

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

const pgbouncerConfig = `[databases]
* = host=127.0.0.1 port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
log_connections = 0
log_disconnections = 0
`

// PgBouncer is a pooler in transaction mode for the PostgreSQL server at this URL, with
// further lines of its configuration. All clients share four connections per database.
func PgBouncer(dir, postgres string, lines ...string) *Service {
	return &Service{Name: "pgbouncer", dir: dir, run: func(ctx context.Context, s *Service) (server, error) {
		u, err := url.Parse(postgres)
		if err != nil {
			return nil, err
		}
		password, _ := u.User.Password()
		users, config := filepath.Join(dir, "users.txt"), filepath.Join(dir, "pgbouncer.ini")
		if err := os.WriteFile(users, fmt.Appendf(nil, "%q %q\n", u.User.Username(), password), 0o644); err != nil {
			return nil, err
		}
		text := fmt.Appendf(nil, pgbouncerConfig+strings.Join(lines, "\n")+"\n", u.Port(), s.Port, users)
		if err := os.WriteFile(config, text, 0o644); err != nil {
			return nil, err
		}

		s.URL = fmt.Sprintf("postgres://%s@127.0.0.1:%d%s?sslmode=disable", u.User.Username(), s.Port, u.Path)
		args := []string{config}
		if os.Getuid() == 0 { // PgBouncer refuses to run as root
			args = append([]string{"-u", "nobody"}, args...)
		}
		return s.exec(ctx, exec.Command("pgbouncer", args...), func() error {
			conn, err := pgx.Connect(ctx, s.URL+"&default_query_exec_mode=simple_protocol")
			if err == nil {
				err = conn.Close(ctx)
			}
			return err
		})
	}}
}
