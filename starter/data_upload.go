package main

import (
	"context"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/lifecycle"
)

type dataUploadFlags struct {
	connection connectionFlags
	patience   patienceFlags
	data       dataFlags
	name       string
}

func (a *app) dataUploadCommand() *cobra.Command {
	var f dataUploadFlags
	cmd := &cobra.Command{
		Use:   "upload FILE",
		Short: "Upload a file as a dataset and print the dataset's ID",
		Long: `Upload a file as a dataset and print the dataset's ID.

The file is checked first, as by: starter data check. A file that the service
has already, of the same bytes, kind, locale and name, is not sent again: its
dataset is printed. An upload that broke off goes on where it stopped when the
same command is given again.

Plain text in UTF-8 without byte order mark is sent with one, which the service
asks for; the file stays as it is.

The Speech resource is named by the same settings as the worker's:
SPEECH_ENDPOINT, or SPEECH_REGION and SPEECH_CLOUD; SPEECH_KEY or
SPEECH_KEY_FILE, else Entra ID. RETRAINER_OWNER (default: the Temporal
namespace) is marked as the dataset's owner. Temporal itself is not needed.`,
		Example: `  starter data upload related-text.txt --name "related text" --kind Language \
    --locale en-US
  starter data upload calls.zip --name calls --kind Acoustic --locale en-US \
    --output json`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.dataUpload(cmd.Context(), f, args[0]) },
	}
	cmd.Flags().StringVar(&f.name, "name", "", "Name of the data, as in a request (required)")
	addOutput(cmd, a.out)
	f.data.add(cmd)
	f.patience.add(cmd)
	f.connection.addNamespace(cmd)
	return cmd
}

func (a *app) dataUpload(ctx context.Context, f dataUploadFlags, path string) error {
	limits, err := f.data.check(f.name)
	if err != nil {
		return err
	}
	file := fleet.File{
		Data:   lifecycle.Data{Name: f.name, Kind: f.data.kind, File: path},
		Locale: f.data.locale, Path: path,
	}
	result, err := a.uploader(f.connection, f.patience).One(ctx, file, limits)
	if err != nil {
		return err
	}
	if a.out.JSON {
		a.out.Value(struct {
			DatasetID   string `json:"datasetId"`
			DisplayName string `json:"displayName"`
			Content     string `json:"content"`
			Reused      bool   `json:"reused"`
			Bytes       int64  `json:"bytes"`
		}{result.DatasetID, result.DisplayName, result.Content, result.Reused, result.Bytes})
		return nil
	}
	a.out.Print("%s", result.DatasetID)
	return nil
}
