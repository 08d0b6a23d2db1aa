package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"parley/app/devservices"
)

// requirement is a program or font that the tests need on this machine, and the
// packages that contain it.
type requirement struct {
	present      func() bool
	name         string
	debian, brew string
}

// requirements lists programs and fonts. PostgreSQL must be installed, because the
// embedded one has no pg_basebackup, which creates the standbys of the tests.
var requirements = []requirement{
	program("redis-server", "redis-server", "redis"),
	program("nginx", "nginx-light", "nginx"),
	program("pgbouncer", "pgbouncer", "pgbouncer"),
	program("psql", "postgresql-client", "libpq"),
	{hasBaseBackup, "pg_basebackup", "postgresql", "postgresql"},
	program("kcat", "kcat", "kcat"),
	program("java", "default-jre-headless", "openjdk"),
	program("mvn", "maven", "maven"),
	program("node", "nodejs", "node"),
	program("npm", "npm", "node"),
	program("git", "git", "git"),
	program("ps", "procps", "procps"),
	program("chromium google-chrome chromium-browser", "chromium", "--cask chromium"),
	{hasNotoFonts, "Noto fonts", "fontconfig fonts-noto-core fonts-noto-color-emoji", "--cask font-noto-sans"},
}

// program requires one of the programs, which are separated by spaces.
func program(names, debian, brew string) requirement {
	alternatives := strings.Fields(names)
	present := func() bool {
		return slices.ContainsFunc(alternatives, func(name string) bool {
			_, err := exec.LookPath(name)
			return err == nil
		})
	}
	return requirement{present, alternatives[0], debian, brew}
}

// hasBaseBackup reports whether the PostgreSQL that the tests start has pg_basebackup
// beside it.
func hasBaseBackup() bool {
	_, err := os.Stat(filepath.Join(devservices.InstalledPostgres(), "pg_basebackup"))
	return err == nil
}

// hasNotoFonts reports whether Chromium can draw every script of the seed. Systems
// without apt-get (macOS) have fonts of their own for them.
func hasNotoFonts() bool {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return true
	}
	fonts, err := exec.Command("fc-list").Output()
	return err == nil && strings.Contains(strings.ToLower(string(fonts)), "notosans")
}

// missing returns the requirements that this machine lacks.
func missing() (list []requirement) {
	for _, r := range requirements {
		if !r.present() {
			list = append(list, r)
		}
	}
	return list
}

// CheckPrograms returns an error that names the missing requirements of the tests and
// the commands that install them, or nil.
func CheckPrograms() error {
	list := missing()
	if len(list) == 0 {
		return nil
	}

	var names, debian, brew []string
	for _, r := range list {
		names = append(names, "  "+r.name)
		debian, brew = append(debian, r.debian), append(brew, r.brew)
	}
	return fmt.Errorf(
		"missing requirements of the tests:\n%s\nInstall them with one of\n  apt-get install %s\n  brew install %s",
		strings.Join(names, "\n"),
		strings.Join(debian, " "),
		strings.Join(brew, " "),
	)
}

// HeadlessShell is Chromium without the surface of a window, which takes a sixth of the processor
// time. Debian has it, Ubuntu and macOS don't: there the tests use Chromium.
const HeadlessShell = "chromium-headless-shell"

// Setup installs the missing requirements with apt-get, as root or through sudo. If
// neither is possible, it returns the error of CheckPrograms. Without HeadlessShell it
// returns no error.
func Setup(ctx context.Context) error {
	list := missing()
	_, err := exec.LookPath(HeadlessShell)
	if len(list) == 0 && err == nil {
		return nil
	}

	if len(list) == 0 && os.Getuid() != 0 {
		return nil // asks for no password for what is not required
	}

	prefix, possible := aptPrefix(ctx)
	if !possible {
		return CheckPrograms()
	}

	if err != nil {
		defer installHeadlessShell(ctx, prefix)
	}
	if len(list) == 0 {
		return nil
	}

	var packages []string
	for _, r := range list {
		packages = append(packages, strings.Fields(r.debian)...)
	}

	if err := install(ctx, prefix, packages...); err != nil {
		return err
	}
	return CheckPrograms()
}

// install runs apt-get, whose prefix aptPrefix returns.
func install(ctx context.Context, prefix []string, packages ...string) error {
	fmt.Fprintln(os.Stderr, "installing for the tests:", strings.Join(packages, " "))
	install := append([]string{"install", "-y", "-qq", "--no-install-recommends"}, packages...)
	for _, args := range [][]string{{"update", "-qq"}, install} {
		command := append(slices.Clone(prefix), args...)
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
		}
	}
	return nil
}

// installHeadlessShell installs it if this machine's packages include it.
func installHeadlessShell(ctx context.Context, prefix []string) {
	if exec.CommandContext(ctx, "apt-cache", "show", HeadlessShell).Run() != nil {
		return
	}
	if err := install(ctx, prefix, HeadlessShell); err != nil {
		fmt.Fprintln(os.Stderr, "the tests use Chromium with a window's surface, which takes longer:", err)
	}
}

// aptPrefix returns the command that runs apt-get as root, and whether there is one.
func aptPrefix(ctx context.Context) ([]string, bool) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return nil, false
	}
	apt := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get"}
	if os.Getuid() == 0 {
		return apt, true
	}
	sudo := exec.CommandContext(ctx, "sudo", "-v")
	sudo.Stdin, sudo.Stderr = os.Stdin, os.Stderr // sudo may ask for a password
	return append([]string{"sudo"}, apt...), sudo.Run() == nil
}
