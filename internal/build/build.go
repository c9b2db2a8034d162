// Package build tells what a program was built from.
package build

import (
	"runtime"
	"runtime/debug"
)

// next is the version that is being worked on: what is built from a checkout says so.
const next = "0.1.0-dev"

// shortCommit is how many digits of a commit are part of such a version.
const shortCommit = 12

// version is set at build time, as the Dockerfile does: -ldflags "-X speech-retrainer/internal/build.version=v1.2.3".
var version string

// Info is what a program was built from.
type Info struct {
	// Version is the one set at build time, else 0.1.0-dev+<commit>: the version to come, and what was built (semver.org, 10),
	// with .dirty when the checkout held changes; 0.1.0-dev alone when the build did not record the commit.
	Version string `json:"version"`
	// Commit is the revision that it was built from; null when the build did not record it.
	Commit *string `json:"commit"`
	// Go is the version of the toolchain.
	Go string `json:"go"`
}

// Read gives the build of this program.
func Read() Info {
	module, recorded := debug.ReadBuildInfo()
	if !recorded {
		module = &debug.BuildInfo{}
	}
	return from(version, module)
}

func from(version string, module *debug.BuildInfo) Info {
	b := Info{Version: version, Go: runtime.Version()}
	dirty := ""
	for _, setting := range module.Settings {
		switch {
		case setting.Key == "vcs.revision":
			b.Commit = &setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			dirty = ".dirty"
		}
	}
	if b.Version == "" {
		b.Version = next
		if b.Commit != nil {
			b.Version += "+" + (*b.Commit)[:min(shortCommit, len(*b.Commit))] + dirty
		}
	}
	return b
}

// Line is the build of a program for people, without a line end: "worker 0.1.0-dev+1a2b3c, commit 1a2b3c, go1.26.1".
func (b Info) Line(program string) string {
	line := program + " " + b.Version
	if b.Commit != nil {
		line += ", commit " + *b.Commit
	}
	return line + ", " + b.Go
}
