// Package build tells what a program was built from.
package build

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// version is set at build time, as the Dockerfile does: -ldflags "-X speech-retrainer/internal/build.version=v1.2.3".
var version string

// Info is what a program was built from.
type Info struct {
	// Version is the one set at build time, else that of the module, which Go takes from the repository; (devel) when
	// neither is known.
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
	b := Info{Version: cmp.Or(version, module.Main.Version, "(devel)"), Go: runtime.Version()}
	for _, setting := range module.Settings {
		if setting.Key == "vcs.revision" {
			b.Commit = &setting.Value
		}
	}
	return b
}

// Line is the build of a program for people, without a line end: "worker v1.2.3, commit 1a2b3c, go1.26.1".
func (b Info) Line(program string) string {
	line := program + " " + b.Version
	if b.Commit != nil {
		line += ", commit " + *b.Commit
	}
	return line + ", " + b.Go
}
