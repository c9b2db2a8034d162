package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/build"
)

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
			if err := output.choose(a.out); err != nil {
				return err
			}
			b := build.Read()
			if a.out.JSON {
				a.out.Value(b)
				return nil
			}
			_, err := fmt.Fprintln(a.out.Out, b.Line("starter"))
			return err
		},
	}
	output.add(cmd)
	return cmd
}
