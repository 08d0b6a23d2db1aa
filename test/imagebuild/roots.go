package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// debian is the release of the Dockerfile's images, and where it comes from.
const (
	release = "bookworm"
	mirror  = "http://deb.debian.org/debian"
)

// base makes the root that an image of this name begins with. What the image brings beside Debian comes from this machine: its Go, its Node.js.
func (b *builder) base(ctx context.Context, image, root string) error {
	switch {
	case strings.HasPrefix(image, "node:"):
		return b.withNode(ctx, root)
	case strings.HasPrefix(image, "golang:"):
		return b.withGo(ctx, root)
	case strings.HasPrefix(image, "gcr.io/distroless/base-nossl-debian12:"):
		return b.distroless(ctx, root)
	}
	return fmt.Errorf("no root here stands for the image %s", image)
}

// debianRoot is Debian's smallest system with more packages. The plain one is kept, since all begin with it.
func (b *builder) debianRoot(ctx context.Context, root string, packages ...string) error {
	plain := filepath.Join(b.cache, release)
	if _, err := os.Stat(filepath.Join(plain, "complete")); err != nil {
		if err := b.run(ctx, "rm", "-rf", plain); err != nil {
			return err
		}
		if err := b.run(ctx, "debootstrap", "--variant=minbase", "--include=ca-certificates", release, plain, mirror); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(plain, "complete"), nil, 0o600); err != nil {
			return err
		}
	}
	if err := b.run(ctx, "cp", "-a", plain, root); err != nil {
		return err
	}
	for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"} { // this machine's way out
		if err := b.run(ctx, "cp", "-L", file, filepath.Join(root, file)); err != nil {
			return err
		}
	}
	if len(packages) == 0 {
		return nil
	}
	return b.inside(ctx, root, nil, "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "+strings.Join(packages, " ")+" >/dev/null")
}

func (b *builder) withNode(ctx context.Context, root string) error {
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
	return b.run(ctx, "sh", "-e", "-c", `mkdir -p "$1/usr/local/lib" && cp -L "$2" "$1/usr/local/bin/node" && cp -a "$3" "$1/usr/local/lib/npm" && ln -s ../lib/npm/bin/npm-cli.js "$1/usr/local/bin/npm"`,
		"sh", root, node, filepath.Dir(filepath.Dir(npm)))
}

func (b *builder) withGo(ctx context.Context, root string) error {
	if err := b.debianRoot(ctx, root, "gcc", "libc6-dev"); err != nil {
		return err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	return b.run(ctx, "cp", "-a", strings.TrimSpace(string(goroot)), filepath.Join(root, "usr/local/go"))
}

// distroless is made as Google makes it: the files of these Debian packages, none of their scripts, and a user. There is no shell in it.
func (b *builder) distroless(ctx context.Context, root string) error {
	fetch := root + ".packages"
	if err := b.debianRoot(ctx, fetch); err != nil {
		return err
	}
	defer os.RemoveAll(fetch)
	if err := b.inside(ctx, fetch, nil, "apt-get update -qq && cd /tmp && apt-get download -qq base-files netbase tzdata libc6 ca-certificates"); err != nil {
		return err
	}
	return b.run(ctx, "sh", "-e", "-c", `mkdir -p "$1" && for p in "$2"/tmp/*.deb; do dpkg-deb -x "$p" "$1"; done
		mkdir -p "$1/etc/ssl/certs" "$1/tmp" "$1/home/nonroot" "$1/proc" "$1/dev" && chmod 1777 "$1/tmp" && cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"
		echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$1/etc/passwd"; echo 'nonroot:x:65532:' >"$1/etc/group"; echo '127.0.0.1 localhost' >"$1/etc/hosts"
		chown 65532:65532 "$1/home/nonroot"; test -e "$1/lib64" || ln -s usr/lib64 "$1/lib64"; test ! -e "$1/bin/sh"`, "sh", root, fetch)
}
