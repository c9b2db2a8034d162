package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/card"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
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
	a.asJSON = f.format == outputJSON
	return nil
}

// printReport writes a report to stdout in the form asked for.
func (a *app) printReport(report lifecycle.Report) {
	if a.asJSON {
		a.printJSON(report)
		return
	}
	width := words.Width
	if a.StdoutTerminal {
		if columns := a.Columns(); columns > 0 {
			width = min(width, columns)
		}
	}
	report.BaseModelsRefused = cutRefused(report.BaseModelsRefused)
	if f := report.Error; f != nil {
		short := *f
		short.Refused = cutRefused(f.Refused)
		report.Error = &short
	}
	fmt.Fprint(a.Stdout, card.Text(report, width))
}

// mostRefused is how many refused base models are shown: a locale can have dozens of old ones.
const mostRefused = 8

func cutRefused(all []lifecycle.Refusal) []lifecycle.Refusal {
	if len(all) <= mostRefused {
		return all
	}
	more := lifecycle.Refusal{DisplayName: fmt.Sprintf("%d more", len(all)-mostRefused), Reason: "see them with --output json"}
	return append(slices.Clone(all[:mostRefused]), more)
}

// printJSON writes one report as JSON: every list present, and nothing in it that could drive a
// terminal unescaped.
func (a *app) printJSON(report lifecycle.Report) {
	complete(&report)
	a.printValue(report)
}

func (a *app) printValue(value any) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic("value that is not JSON: " + err.Error())
	}
	fmt.Fprint(a.Stdout, visible.Escaped(buffer.String()))
}

// complete gives an absent list its empty form: the contract has no null lists, and a report may come
// from a worker of another release.
func complete(r *lifecycle.Report) {
	present(&r.Stages)
	present(&r.BaseModelsRefused)
	present(&r.Datasets)
	present(&r.Tests)
	present(&r.Inspections)
	present(&r.Kept)
	present(&r.Deleted)
	present(&r.Notes)
	present(&r.Trouble)
	if r.Error != nil {
		present(&r.Error.Problems)
	}
}

func present[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
