package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/dataset"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
	"speech-retrainer/workflows"
)

// all is a command and every command below it.
func all(command *cobra.Command) []*cobra.Command {
	commands := []*cobra.Command{command}
	for _, below := range command.Commands() {
		commands = append(commands, all(below)...)
	}
	return commands
}

// examples are the command lines in the help of a command, each as its words, without what belongs to a shell.
func examples(t *testing.T, command *cobra.Command) (lines [][]string) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(command.Example, "\\\n", " ")) {
		if _, inner, is := strings.Cut(line, "<("); is {
			line = strings.TrimRight(inner, ")\n")
		}
		if _, after, is := strings.Cut(line, " | "); is {
			line = after
		}
		line, _, _ = strings.Cut(line, " > ")
		var words []string
		for i, part := range strings.Split(line, `"`) {
			if i%2 == 1 {
				words = append(words, part)
			} else {
				words = append(words, strings.Fields(strings.ReplaceAll(part, "*.txt", "related-text.txt"))...)
			}
		}
		require.Equal(t, "starter", words[0], "an example is a command line of ours: %s", line)
		lines = append(lines, words[1:])
	}
	return lines
}

// Every command has examples, of itself, and each is one that it takes.
func TestExamplesAreParsed(t *testing.T) {
	t.Parallel()
	for _, command := range all(newApp(Options{}).root()) {
		lines := examples(t, command)
		require.NotEmpty(t, lines, command.CommandPath())
		for _, words := range lines {
			root, ran := newApp(Options{}).root(), ""
			for _, c := range all(root) {
				c.RunE = func(c *cobra.Command, _ []string) error {
					ran = c.CommandPath()
					return nil
				}
			}
			root.SetArgs(words)
			root.SetOut(io.Discard)
			require.NoError(t, root.ExecuteContext(t.Context()), "%s: starter %s", command.CommandPath(), strings.Join(words, " "))
			if command.HasSubCommands() {
				require.True(t, strings.HasPrefix(ran, command.CommandPath()+" "), "%s: %s", command.CommandPath(), ran)
				continue
			}
			require.Equal(t, command.CommandPath(), ran)
		}
	}
}

// operator is the environment of a person who has set all that there is to set.
func operator() env {
	e := speechEnv()
	e["USER"] = "ann"
	return e
}

// fleeted is a Temporal with the fleet of the examples, on which every one of them can be done.
func fleeted(t *testing.T, command string) *fakeTemporal {
	t.Helper()
	fake := ended(sample.Succeeded(), nil)
	fake.datasets = unusedData()
	fake.swept = map[string]workflows.SweepReport{}
	fake.plan = func(r lifecycle.Request) (lifecycle.Plan, error) {
		return lifecycle.Plan{Name: r.Name, Locale: r.Locale, ObservedAt: sample.Noon}, nil
	}
	fake.requested = []byte(requestWithTests)
	fake.rows = sample.Observed()
	fake.fires = &answered{value: lifecycle.RenewReport{Outcome: "current", Reason: "it lives long"}}
	got := executeOptions(t.Context(), fake, Options{Args: []string{"apply", "--file", "fleet.yaml"}, Env: operator()})
	require.Equal(t, exit.Done, got.code, got.stderr)
	switch command {
	case "approve", "reject":
		fake.run, fake.answered = asking().run, taken(lifecycle.AnswerApproved)
	case "test", "watch", "report":
		fake.run, fake.next = fake.next, ended(sample.Succeeded(), nil).next
		fake.run.status = completed
	case "cancel":
		fake.run = watching(-1).run
		fake.run.onCancel = canceledWith(sample.Canceled())
	}
	return fake
}

// What stands in the help as an example is done where the models, the files and the answers of a person are there.
func TestExamplesAreDone(t *testing.T) {
	request := "name: support-calls\nlocale: en-US\n" + sample.Heard + "\ntraining: [{dataset: words}]\ntests: [{name: calls, dataset: calls}]\n"
	audio, err := os.ReadFile(filepath.Join("..", "examples", "data", "testing", "audio-and-trans.zip"))
	require.NoError(t, err)
	t.Chdir(folder(t, map[string]string{
		"request.yaml": request,
		"fleet.yaml": "fleet: desk\ndefaults:\n  locale: en-US\n  " + sample.Heard + "\n  training: [{dataset: words}]\nmodels:\n" +
			"  - {name: support-calls, deploy: {endpoint: a}}\n  - {name: field-service, locale: de-DE, taskQueue: speech-west}\n",
		"related-text.txt": goodText, "calls.zip": string(audio),
	}))
	for _, command := range all(newApp(Options{}).root()) {
		for _, words := range examples(t, command) {
			if words[0] == "rehearse" {
				continue // it starts servers: TestRehearse of e2e does it
			}
			t.Run(strings.Join(words, " "), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					fake := fleeted(t, words[0])
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					defer cancel()
					stdin := "yes\n"
					if slices.Contains(words, "-") {
						stdin = request
					}
					got := executeOptions(ctx, fake, Options{
						Args: words, Stdin: strings.NewReader(stdin), StdinTerminal: true, StderrTerminal: true, Env: operator(),
						Upload: func(context.Context, config.Settings, dataset.UploadRequest) (dataset.UploadResult, error) {
							return dataset.UploadResult{DatasetID: "id"}, nil
						},
					})
					want := []int{exit.Done, exit.Changes, exit.Needed}
					switch {
					case slices.Contains(words, "--watch"):
						want = []int{exit.Interrupted}
					case words[0] == "doctor":
						want = append(want, exit.Failed) // it finds that nothing but the schedules is set up here: TestDoctor has all its answers
					}
					require.Contains(t, want, got.code, got.stderr+got.stdout)
				})
			})
		}
	}
}

// Each command that has a result gives it as JSON, too. A script for a shell is none.
func TestEveryCommandHasOutput(t *testing.T) {
	t.Parallel()
	for _, command := range all(newApp(Options{}).root()) {
		has := command.Flags().Lookup("output") != nil
		require.Equal(t, !command.HasSubCommands() && command.Name() != "completion", has, command.CommandPath())
	}
}
