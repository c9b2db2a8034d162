package main

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

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
