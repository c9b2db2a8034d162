package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/upload"
)

// dataFlags say what a file is, and how it is checked.
type dataFlags struct {
	kind        lifecycle.DatasetKind
	locale      string
	maxRejected string
	test        bool
}

func (f *dataFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(&f.kind), "kind", "",
		"Kind of data: Language, Pronunciation, Acoustic, AudioFiles, LanguageMarkdown or OutputFormatting (required)")
	propose(cmd, "kind", decode.Kinds())
	cmd.Flags().StringVar(&f.locale, "locale", "", "Locale of the data, like en-US (required)")
	cmd.Flags().StringVar(&f.maxRejected, "max-rejected", "5%",
		"Largest share of lines that the service may drop, like 5% or 0.05; files of fewer than 20 lines are only warned of")
	cmd.Flags().BoolVar(&f.test, "test", false, "The data is for tests: recordings may be longer than training uses")
}

// check holds the flags and the name of the data to the rules of a request, and says how the data is to be checked. The
// error is a *exit.Failure with all that is wrong.
func (f dataFlags) check(name string) (dataset.Limits, error) {
	var problems []lifecycle.Problem
	rule := func(flag, value, fault string) {
		if value == "" {
			fault = "is required" + map[string]string{"--locale": ", like en-US"}[flag]
		}
		if fault != "" {
			problems = append(problems, lifecycle.Problem{Path: flag, Message: fault})
		}
	}
	rule("--name", name, decode.DataName(name))
	rule("--kind", string(f.kind), decode.Kind(f.kind))
	rule("--locale", f.locale, cmp.Or(decode.Locale(f.locale), decode.Spelling(f.locale)))
	share, fault := decode.Rate(f.maxRejected, !strings.HasSuffix(f.maxRejected, "%"))
	if fault != "" {
		problems = append(problems, lifecycle.Problem{Path: "--max-rejected", Message: fault})
	}
	if len(problems) == 0 {
		return upload.LimitsOf(lifecycle.Data{MaxRejected: &share}, f.test), nil
	}
	texts := make([]string, 0, len(problems))
	for _, p := range problems {
		texts = append(texts, p.Path+" "+p.Message)
	}
	refused := exit.Refuse(lifecycle.InvalidRequest, "%s", strings.Join(texts, "; "))
	refused.Cause.Problems = problems
	if len(problems) == 1 && problems[0].Path == "--kind" {
		refused = meantValue(refused, "--kind", string(f.kind), decode.Kinds())
	}
	return dataset.Limits{}, refused
}
