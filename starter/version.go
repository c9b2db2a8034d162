package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set at build time: -ldflags "-X main.version=v1.2.3".
var version string

// build is what program this is.
type build struct {
	Version string `json:"version"`
	// Commit is the revision that it was built from; null when the build did not record it.
	Commit *string `json:"commit"`
	Go     string  `json:"go"`
}

func thisBuild() build {
	b := build{Version: version, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = first(version, info.Main.Version, "(devel)")
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Commit = &setting.Value
		}
	}
	return b
}

func (a *app) versionCommand() *cobra.Command {
	var output outputFlags
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Long:  `Print the version of this program.`,
		Example: `  starter version
  starter version --output json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.setOutput(output); err != nil {
				return err
			}
			b := thisBuild()
			if a.asJSON {
				a.printValue(b)
				return nil
			}
			line := "starter " + b.Version
			if b.Commit != nil {
				line += ", commit " + *b.Commit
			}
			_, err := fmt.Fprintf(a.Stdout, "%s, %s\n", line, b.Go)
			return err
		},
	}
	output.add(cmd)
	return cmd
}
