package main

import (
	"github.com/spf13/cobra"
)

func (a *app) dataCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Check, upload and tidy up data for training and tests",
		Long: `Check, upload and tidy up data for training and tests.

The command run checks and uploads the local files of a request by itself.`,
		Example: `  starter data check related-text.txt --kind Language --locale en-US
  starter data upload related-text.txt --name "related text" --kind Language \
    --locale en-US
  starter data list --unused`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.dataCheckCommand(), a.dataUploadCommand(), a.dataListCommand(), a.dataDeleteCommand())
	return cmd
}
