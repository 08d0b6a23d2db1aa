package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The release of Debian that the images of the Dockerfile have, and its mirror.
const (
	release = "bookworm"
	mirror  = "http://deb.debian.org/debian"
)

// base creates the root of an image. Debian comes from the mirror, Go and Node.js from this
// machine.
func (b *builder) base(ctx context.Context, image, root string) error {
	switch {
	case strings.HasPrefix(image, "node:"):
		return b.nodeRoot(ctx, root)
	case strings.HasPrefix(image, "golang:"):
		return b.goRoot(ctx, root)
	case strings.HasPrefix(image, "gcr.io/distroless/base-nossl-debian12:"):
		return b.distrolessRoot(ctx, root)
	}
	return fmt.Errorf("unsupported image %s", image)
}

// debianRoot creates a root of Debian's minimal system and more packages. The minimal system is
// cached.
func (b *builder) debianRoot(ctx context.Context, root string, packages ...string) error {
	minimal := filepath.Join(b.cache, release)
	if err := b.bootstrap(ctx, minimal); err != nil {
		return err
	}
	if err := b.run(ctx, "cp", "-a", minimal, root); err != nil {
		return err
	}

	// This machine's access to the network.
	for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"} {
		if err := b.run(ctx, "cp", "-L", file, filepath.Join(root, file)); err != nil {
			return err
		}
	}
	if len(packages) == 0 {
		return nil
	}
	return b.runInside(ctx, root, nil, nil, "apt-get update -qq && DEBIAN_FRONTEND=noninteractive "+
		"apt-get install -y -qq --no-install-recommends "+strings.Join(packages, " ")+" >/dev/null")
}

// bootstrap creates the minimal system, unless an earlier run has completed it.
func (b *builder) bootstrap(ctx context.Context, dir string) error {
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return nil
	}
	if err := b.run(ctx, "rm", "-rf", dir); err != nil {
		return err
	}
	err := b.run(ctx, "debootstrap", "--variant=minbase", "--include=ca-certificates", release, dir, mirror)
	if err != nil {
		return err
	}
	return os.WriteFile(complete, nil, 0o600)
}

func (b *builder) nodeRoot(ctx context.Context, root string) error {
	if err := b.debianRoot(ctx, root); err != nil {
		return err
	}

	node, err := exec.LookPath("node")
	if err != nil {
		return err
	}

	npm, err := exec.LookPath("npm")
	if err != nil {
		return err
	}
	if npm, err = filepath.EvalSymlinks(npm); err != nil { // …/npm/bin/npm-cli.js
		return err
	}
	return b.run(ctx, "sh", "-e", "-c", `
		mkdir -p "$1/usr/local/lib"
		cp -L "$2" "$1/usr/local/bin/node"
		cp -a "$3" "$1/usr/local/lib/npm"
		ln -s ../lib/npm/bin/npm-cli.js "$1/usr/local/bin/npm"
	`, "sh", root, node, filepath.Dir(filepath.Dir(npm)))
}

func (b *builder) goRoot(ctx context.Context, root string) error {
	if err := b.debianRoot(ctx, root, "gcc", "libc6-dev"); err != nil {
		return err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	return b.run(ctx, "cp", "-a", strings.TrimSpace(string(goroot)), filepath.Join(root, "usr/local/go"))
}

// distrolessRoot creates the root as Google does: the files of some Debian packages without their
// scripts, and a user. It has no shell.
func (b *builder) distrolessRoot(ctx context.Context, root string) error {
	fetch := root + ".packages"
	if err := b.debianRoot(ctx, fetch); err != nil {
		return err
	}
	defer os.RemoveAll(fetch)
	err := b.runInside(ctx, fetch, nil, nil, "apt-get update -qq && cd /tmp && "+
		"apt-get download -qq base-files netbase tzdata libc6 ca-certificates")
	if err != nil {
		return err
	}

	return b.run(ctx, "sh", "-e", "-c", `
		mkdir -p "$1"
		for p in "$2"/tmp/*.deb; do dpkg-deb -x "$p" "$1"; done
		mkdir -p "$1/etc/ssl/certs" "$1/tmp" "$1/home/nonroot" "$1/proc" "$1/dev"
		chmod 1777 "$1/tmp"
		cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"
		echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$1/etc/passwd"
		echo 'nonroot:x:65532:' >"$1/etc/group"
		echo '127.0.0.1 localhost' >"$1/etc/hosts"
		chown 65532:65532 "$1/home/nonroot"
		test -e "$1/lib64" || ln -s usr/lib64 "$1/lib64"
		test ! -e "$1/bin/sh"
	`, "sh", root, fetch)
}
