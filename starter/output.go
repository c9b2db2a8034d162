package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
)

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

// setOutput makes the rest of the execution print as f says.
func (a *app) setOutput(f outputFlags) error {
	if !slices.Contains(f.formats, f.format) {
		return exit.Refuse(lifecycle.InvalidRequest, "--output must be %s, not %q", f.choice(), f.format)
	}
	a.out.JSON = f.format == outputJSON
	return nil
}
