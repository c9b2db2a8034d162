package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
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

// dataFlags say what a file is, and how it is checked.
type dataFlags struct {
	kind, locale string
	maxRejected  string
	test         bool
}

func (f *dataFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.kind, "kind", "", "Kind of data: Language, Pronunciation, Acoustic, AudioFiles, LanguageMarkdown or OutputFormatting (required)")
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the data, like en-US (required)")
	cmd.Flags().StringVar(&f.maxRejected, "max-rejected", "5%", "Largest share of lines that the service may drop, like 5% or 0.05; files of fewer than 20 lines are only warned of")
	cmd.Flags().BoolVar(&f.test, "test", false, "The data is for tests: recordings may be longer than training uses")
}

// check holds the flags and the name of the data to the rules of a request, and says how the data is to be checked. The
// error is a *exit.Failure with all that is wrong.
func (f dataFlags) check(name string) (dataset.Limits, error) {
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
	entry := given(map[string]string{"name": name, "kind": f.kind, "file": "data"})
	entry["maxRejected"] = f.maxRejected
	if json.Valid([]byte(f.maxRejected)) {
		entry["maxRejected"] = json.RawMessage(f.maxRejected)
	}
	request["training"] = []any{entry}
	raw, err := json.Marshal(request)
	if err != nil {
		return dataset.Limits{}, err
	}
	decoded, problems := workflows.DecodeRequest(raw)
	if len(problems) == 0 {
		return limitsOf(decoded.Training[0], f.test), nil
	}
	flags := map[string]string{
		"training[0].name": "--name", "training[0].kind": "--kind", "locale": "--locale", "training[0].maxRejected": "--max-rejected",
	}
	var texts []string
	for i, p := range problems {
		problems[i].Path = cmp.Or(flags[p.Path], p.Path)
		problems[i].Message = strings.TrimSuffix(p.Message, " with file")
		texts = append(texts, problems[i].Path+" "+problems[i].Message)
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s", strings.Join(texts, "; "))
	refused.Cause.Problems = problems
	return dataset.Limits{}, refused
}

// limitsOf says how the file of data is checked.
func limitsOf(data lifecycle.Data, test bool) dataset.Limits {
	// For the check zero is its own default; the least share there is refuses one line of any number.
	return dataset.Limits{Test: test, RejectedShare: max(data.RejectedLimit(), math.SmallestNonzeroFloat64)}
}

// checkFile holds a file against the service's rules. What is wrong with it, also that it cannot be read,
// is in the report; the error is a *exit.Failure and means that ctx ended.
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
		return report, exit.New(exit.Interrupted, lifecycle.Unavailable, "interrupted while checking %s: nothing was uploaded or started", path)
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

// speechSettings is what the environment says of the Speech resource. The error is a *exit.Failure that names
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
		return config.Settings{}, exit.Refuse(lifecycle.InvalidRequest, "%s", err)
	}
	settings.Owner = cmp.Or(settings.Owner, options.Namespace)
	return settings, nil
}
