// Package buildinfo names the version of this program.
package buildinfo

import "runtime/debug"

// version is set by release builds:
//
//	go build -ldflags "-X parley/app/buildinfo.version=v1.2.3" ./app
var version string

// Info describes one build.
type Info struct {
	Version  string // set by the linker, or the first 12 digits of the commit, or the module's version
	Commit   string // "" without version control
	Modified bool   // files differed from the commit
	Go       string // the toolchain; "" when unknown
}

// Version returns the version that `parley version`, the metric parley_build_info and
// the operators' pages show.
func Version() string { return Read().Version }

// Read returns what is known of this build. Only Version is always set.
func Read() Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}

	info := Info{Version: build.Main.Version, Go: build.GoVersion}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Commit = s.Value
		case "vcs.modified":
			info.Modified = s.Value == "true"
		}
	}

	switch {
	case version != "":
		info.Version = version
	case len(info.Commit) >= 12:
		info.Version = info.Commit[:12]
	case info.Version == "":
		info.Version = "unknown"
	}

	return info
}
