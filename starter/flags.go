package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/screen"
	"speech-retrainer/internal/secret"
)

// connectionFlags says which server and namespace, over what the environment says. They are named as
// in the Temporal CLI.
type connectionFlags struct{ follow.Place }

func (f *connectionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Address, "address", "", "Temporal server, host:port (default: TEMPORAL_ADDRESS, else localhost:7233)")
	f.addNamespace(cmd)
}

func (f *connectionFlags) addNamespace(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.Namespace, "namespace", "n", "", "Temporal namespace (default: TEMPORAL_NAMESPACE, else default)")
}

// Output formats.
const (
	outputText     = "text"
	outputJSON     = "json"
	outputMarkdown = "markdown"
)

// outputFlags says how results are printed.
type outputFlags struct {
	format string
	// formats are those to choose from.
	formats []string
}

// add adds the flag; more are formats beside text and JSON.
func (f *outputFlags) add(cmd *cobra.Command, more ...string) {
	f.formats = append([]string{outputText, outputJSON}, more...)
	cmd.Flags().StringVarP(&f.format, "output", "o", outputText, "Print results as "+f.choice())
}

// choice lists the formats: text, json or markdown.
func (f *outputFlags) choice() string {
	last := len(f.formats) - 1
	return strings.Join(f.formats[:last], ", ") + " or " + f.formats[last]
}

// patienceFlags say how long the Speech service may be silent at first.
type patienceFlags struct{ timeout time.Duration }

func (f *patienceFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.timeout, "timeout", dataset.DefaultFirstAnswer, "How long an upload waits for the Speech service's first answer")
}

func (f patienceFlags) check() error {
	if f.timeout < time.Second {
		return exit.Refuse(lifecycle.InvalidRequest, "--timeout must be at least 1s, not %s", f.timeout)
	}
	return nil
}

// decisionFlags say who decides and why. Both are recorded in the report and on the version.
type decisionFlags struct {
	by, reason string
}

func (f *decisionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.by, "by", "", "Who decides (default: $USER)")
	cmd.Flags().StringVar(&f.reason, "reason", "", "Why; it is kept in the report and on the version (required)")
}

// complete fills in user, unless the flags say who decides, and refuses a decision without an author or a reason.
func (f *decisionFlags) complete(user string) error {
	f.by, f.reason = strings.TrimSpace(cmp.Or(f.by, user)), strings.TrimSpace(f.reason)
	var missing []string
	if f.by == "" {
		missing = append(missing, "--by is required: who decides ($USER is not set)")
	}
	if f.reason == "" {
		missing = append(missing, "--reason is required: why")
	}
	if secret.HoldsSignedURL(f.by) || secret.HoldsSignedURL(f.reason) {
		missing = append(missing, "--by and --reason must hold no URL with a signature or a password: they are kept")
	}
	if len(missing) > 0 {
		return exit.Refuse(lifecycle.InvalidRequest, "%s", strings.Join(missing, "; "))
	}
	return nil
}

type watchFlags struct {
	connection connectionFlags
	output     outputFlags
}

// addTaskQueue adds a flag whose default is found out later.
func addTaskQueue(cmd *cobra.Command, target *string, standard string) {
	cmd.Flags().StringVar(target, "task-queue", "", "Task queue of the worker for the Speech resource (default: "+standard+")")
}

// addLocale adds the flag that picks one of the models of a name.
func addLocale(cmd *cobra.Command, target *string) {
	cmd.Flags().StringVar(target, "locale", "", "Locale of the model, like en-US (default: that of its versions)")
}

// refuseModel holds a name, and a locale unless it is empty, to the rules of a request. The locale only picks one of the
// models that there are, in whatever case.
func refuseModel(name, locale string) error {
	if fault := decode.Name(name); fault != "" {
		return exit.Refuse(lifecycle.InvalidRequest, "NAME %s, not %q", fault, name)
	}
	if fault := decode.Locale(locale); fault != "" && locale != "" {
		return exit.Refuse(lifecycle.InvalidRequest, "--locale %s, not %q", fault, locale)
	}
	return nil
}

// choose makes the rest of the execution print as the flag says.
func (f *outputFlags) choose(s *screen.Screen) error {
	if !slices.Contains(f.formats, f.format) {
		return exit.Refuse(lifecycle.InvalidRequest, "--output must be %s, not %q", f.choice(), f.format)
	}
	s.JSON = f.format == outputJSON
	return nil
}

// wantsJSON finds `--output json` without parsing, for the errors of parsing.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "--output=json", "-o=json", "-ojson":
			return true
		case "--output", "-o":
			return i+1 < len(args) && args[i+1] == outputJSON
		}
	}
	return false
}
