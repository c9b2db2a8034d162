package main

import (
	"cmp"
	"context"
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
	"speech-retrainer/workflows"
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

// before lets a command check something before it runs, after what it checks already. The error is a *exit.Failure.
func before(cmd *cobra.Command, check func() error) {
	earlier := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if earlier != nil {
			if err := earlier(cmd, args); err != nil {
				return err
			}
		}
		return check()
	}
}

// addOutput adds the flag that says how results are printed, which is checked before all others; more are formats beside
// text and JSON.
func addOutput(cmd *cobra.Command, out *screen.Screen, more ...string) *string {
	formats := append([]string{outputText, outputJSON}, more...)
	last := len(formats) - 1
	choice := strings.Join(formats[:last], ", ") + " or " + formats[last]
	format := cmd.Flags().StringP("output", "o", outputText, "Print results as "+choice)
	propose(cmd, "output", formats)
	before(cmd, func() error {
		if !slices.Contains(formats, *format) {
			return meantValue(exit.Refuse(lifecycle.InvalidRequest, "--output must be %s, not %q", choice, *format), "--output", *format, formats)
		}
		out.JSON = *format == outputJSON
		return nil
	})
	return format
}

// propose says which values a flag may have, to whoever completes one.
func propose(cmd *cobra.Command, flag string, values []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
}

// addVerbose adds the flag of a command that says briefly how what it follows has ended.
func addVerbose(cmd *cobra.Command, out *screen.Screen) {
	verbose := cmd.Flags().Bool("verbose", false, "Show the stages, and the model card at the end")
	before(cmd, func() error {
		out.Brief = !*verbose
		return nil
	})
}

// patienceFlags say how long the Speech service may be silent at first.
type patienceFlags struct{ timeout time.Duration }

func (f *patienceFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.timeout, "timeout", dataset.DefaultFirstAnswer, "How long an upload waits for the Speech service's first answer")
	before(cmd, func() error {
		if f.timeout < time.Second {
			return exit.Refuse(lifecycle.InvalidRequest, "--timeout must be at least 1s, not %s", f.timeout)
		}
		return nil
	})
}

// addFile adds the flag that names the file of a command that needs one: a request, a fleet.
func addFile(cmd *cobra.Command, target *string, what string) {
	is := "the " + strings.ReplaceAll(strings.ToLower(what), " or ", " or the ")
	cmd.Flags().StringVarP(target, "file", "f", "", what+" in YAML or JSON; - reads it from standard input (required)")
	before(cmd, func() error {
		if *target == "" {
			return exit.Refuse(lifecycle.InvalidRequest, "--file is required: %s, in YAML or JSON", is)
		}
		return nil
	})
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

// addTaskQueue adds the flag for the worker that is asked; note says more of its default.
func addTaskQueue(cmd *cobra.Command, target *string, note string) {
	standard := workflows.DefaultTaskQueue
	cmd.Flags().StringVar(target, "task-queue", "", "Task queue of the worker for the Speech resource (default: "+standard+note+")")
	before(cmd, func() error {
		*target = cmp.Or(*target, standard)
		return nil
	})
}

// addLocale adds the flag that picks one of the models of a name. otherwise tells what names the locale of one without versions.
func addLocale(cmd *cobra.Command, target *string, otherwise string) {
	cmd.Flags().StringVar(target, "locale", "", "Locale of the model, like en-US (default: that of its versions"+otherwise+")")
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

// refuseVersion holds the ID of a version that a flag names to its form; an empty one names none.
func refuseVersion(flag, id string) error {
	fault := decode.VersionID(id)
	switch {
	case fault == "" || id == "":
		return nil
	case strings.Contains(id, "://"): // it may be signed
		return exit.Refuse(lifecycle.InvalidRequest, "%s %s", flag, fault)
	}
	return exit.Refuse(lifecycle.InvalidRequest, "%s %s, not %q", flag, fault, id)
}

// onModel is a command on the model that its first argument names; its failures tell which.
func onModel(do func(ctx context.Context, target string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		_, name, _ := follow.ParseTarget(args[0]) // what is wrong with it is told by the command
		return exit.Named(do(cmd.Context(), args[0]), name)
	}
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
