package main

import (
	"github.com/spf13/cobra"

	"speech-retrainer/internal/build"
)

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Long:  `Print the version of this program.`,
		Example: `  starter version
  starter version --output json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := build.Read()
			if a.out.JSON {
				a.out.Value(b)
				return nil
			}
			a.out.Print("%s", b.Line("starter"))
			return nil
		},
	}
	addOutput(cmd, a.out)
	return cmd
}
