package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
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

// dataFlags say what a file is.
type dataFlags struct {
	kind, locale string
}

func (f *dataFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.kind, "kind", "", "Kind of data: Language, Pronunciation, Acoustic, AudioFiles, LanguageMarkdown or OutputFormatting (required)")
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the data, like en-US (required)")
}

// check holds the flags and the name of the data to the rules of a request. It returns a *failure with all
// that is wrong.
func (f dataFlags) check(name string) error {
	given := func(values map[string]string) map[string]any {
		fields := map[string]any{}
		for key, value := range values {
			if value != "" {
				fields[key] = value
			}
		}
		return fields
	}
	request := given(map[string]string{"name": "data", "locale": f.locale})
	request["training"] = []any{given(map[string]string{"name": name, "kind": f.kind, "file": "data"})}
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, problems := workflows.DecodeRequest(raw)
	if len(problems) == 0 {
		return nil
	}
	flags := map[string]string{"training[0].name": "--name", "training[0].kind": "--kind", "locale": "--locale"}
	var texts []string
	for i, p := range problems {
		problems[i].Path = first(flags[p.Path], p.Path)
		problems[i].Message = strings.TrimSuffix(p.Message, " with file")
		texts = append(texts, problems[i].Path+" "+problems[i].Message)
	}
	refused := refuse(lifecycle.InvalidRequest, "%s", strings.Join(texts, "; "))
	refused.cause.Problems = problems
	return refused
}

// checkFile holds a file against the service's rules. What is wrong with it, also that it cannot be read,
// is in the report; the error is a *failure and means that ctx ended.
func checkFile(ctx context.Context, path, kind, locale string, limits dataset.Limits) (dataset.Report, error) {
	report, err := func() (dataset.Report, error) {
		// Not opened before it is known to be a file: a pipe would be waited for.
		info, err := os.Stat(path)
		if err != nil {
			return dataset.Report{}, err
		}
		if !info.Mode().IsRegular() {
			return dataset.Report{}, errors.New("it is not a regular file")
		}
		file, err := os.Open(path)
		if err != nil {
			return dataset.Report{}, err
		}
		defer file.Close()
		return dataset.Check(ctx, file, info.Size(), kind, locale, limits)
	}()
	if ctx.Err() != nil {
		return report, newFailure(exitInterrupted, lifecycle.Unavailable, "interrupted while checking %s: nothing was uploaded or started", path)
	}
	if err != nil {
		if pathError, is := errors.AsType[*fs.PathError](err); is {
			err = pathError.Err
		}
		report = dataset.Report{Kind: kind, Locale: locale, Problems: []dataset.Problem{
			{Severity: dataset.Error, Rule: ruleReadable, Message: "cannot be read: " + err.Error()},
		}}
	}
	return report, nil
}

// ruleReadable stands beside the rules of package dataset: data that cannot be read breaks it.
const ruleReadable = "readable"

// located is a problem with the file that it is in, and its line: calls.zip: trans.txt:7: error: ...
func located(path string, p dataset.Problem) string {
	if p.File == "" && p.Line > 0 {
		return path + p.String()
	}
	return path + ": " + p.String()
}

// speechSettings is what the environment says of the Speech resource. The error is a *failure that names
// every variable that is missing or wrong.
func (a *app) speechSettings(f connectionFlags) (config.Settings, error) {
	options, err := a.clientOptions(f)
	if err != nil {
		return config.Settings{}, err
	}
	settings, err := config.FromEnv(func(name string) string {
		value, _ := a.Env.LookupEnv(name)
		return value
	})
	if err != nil {
		return config.Settings{}, refuse(lifecycle.InvalidRequest, "%s", err)
	}
	settings.Owner = first(settings.Owner, options.Namespace)
	return settings, nil
}
