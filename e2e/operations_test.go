package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
)

// Sections of the page for operators whose commands need a run that goes on, that asks for an answer, or two versions.
const (
	whileAway = "## When the service is away"
	answers   = "## An answer"
	later     = "## Testing again, and rolling back"
)

// commands are the lines of the shell blocks of a page: those of some sections, or those of all others.
func commands(t *testing.T, path string, only bool, sections ...string) []string {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	var lines []string
	inside, within := false, false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "## ") {
			within = slices.Contains(sections, line)
		}
		switch {
		case within != only:
		case line == "```sh":
			inside = true
		case line == "```":
			inside = false
		case inside:
			lines = append(lines, line)
		}
	}
	return lines
}

func operationsPage() string { return filepath.Join(shared.root, "docs", "operations.md") }

// pageCommand runs a command of the page under the names of the test, and returns its output.
func (b *bench) pageCommand(line string) string {
	b.Helper()
	line = strings.NewReplacer("support-calls", b.name, "speech-retrainer", b.queue).Replace(line)
	r := b.command("sh", "-c", strings.Replace(line, "temporal ", shared.binaries.Temporal+" ", 1))
	require.Zero(b, r.code, "%s\n%s\n%s", line, r.stdout, r.stderr)
	return r.stdout
}

// The commands for when the service is away work as they stand there, on a run that waits for its training and
// then fails for its key.
func TestOperationsPageAway(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	_, starter := b.hang(b.small())
	b.awaitActivity("retrain/"+b.name, "await-training")
	done := []string{}
	for _, line := range commands(t, operationsPage(), true, whileAway) {
		if strings.Contains(line, " workflow reset ") {
			b.awaitActivity("retrain/"+b.name, "await-training")
			b.admin(http.MethodPost, "faults", data{"kind": "status", "status": 401, "count": 1}, nil)
			require.Equal(t, lifecycle.Unauthorized, b.report(starter.wait()).Error.Type)
		}
		output := b.pageCommand(line)
		words := strings.Fields(line)
		done = append(done, words[1]+" "+words[2])
		switch done[len(done)-1] {
		case "workflow describe":
			require.Contains(t, output, "await-training")
		case "activity pause":
			b.awaitPaused("await-training")
		case "activity unpause", "workflow reset":
			b.awaitActivity("retrain/"+b.name, "await-training")
		case "workflow cancel":
			b.await("the end", func(context.Context) error {
				status := b.closed("retrain/" + b.name)
				return unless(status == enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, "%s", status)
			})
		}
	}
	require.ElementsMatch(t, []string{"workflow describe", "workflow reset", "activity pause", "activity unpause", "workflow cancel"}, done)
	b.count(stack.Models, 1)
}

// Every command of the page for operators works as it stands there, but for the names of the test.
func TestOperationsPage(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	request, err := json.Marshal(b.small())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "request.json"), request, 0o600))
	// temporal is found as the page says it, by its name.
	t.Logf("in %s", b.dir)
	page := commands(t, operationsPage(), false, whileAway, answers, later)
	require.Greater(t, len(page), 15)
	outputs := map[string]string{}
	version := ""
	for _, line := range page {
		if strings.Contains(line, "VERSION") {
			version = b.history("")[0].ID
		}
		line = strings.NewReplacer("support-calls", b.name, "speech-retrainer", b.queue, "VERSION", version).Replace(line)
		if strings.HasPrefix(line, "temporal workflow result") {
			line = "temporal workflow result --workflow-id retrain/" + b.name
		}
		r := b.command("sh", "-c", strings.Replace(line, "temporal ", shared.binaries.Temporal+" ", 1))
		require.Zero(t, r.code, "%s\n%s\n%s", line, r.stdout, r.stderr)
		outputs[line] = r.stdout
	}
	for line, says := range map[string]string{
		"--type status": `"outcome"`, "workflow result": "COMPLETED", "--type Plan": `COMPLETED`, "--type Renew --task-queue": "COMPLETED",
		"--type Adopt": "COMPLETED", "--type Sweep": "COMPLETED", "schedule describe": "Skip", "schedule list": "renew/" + b.name,
	} {
		found := false
		for command, output := range outputs {
			if strings.Contains(command, line) && !strings.Contains(command, "schedule create") {
				found = true
				require.Contains(t, output, says, command)
			}
		}
		require.True(t, found, fmt.Sprintf("no command with %q", line))
	}
}

// The answers of the page are taken by a run that asks, one each.
func TestOperationsPageAnswers(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	codes := map[string]int{}
	page := commands(t, operationsPage(), true, answers)
	for _, answer := range page[1:] {
		starter, version := b.ask()
		require.Contains(t, b.pageCommand(page[0]), `"approval"`, "the query that the page begins with")
		b.pageCommand(strings.ReplaceAll(answer, "VERSION", version))
		r := starter.wait()
		codes[string(b.report(r).Approval.Answer)] = r.code
	}
	require.Equal(t, map[string]int{"approved": 0, "rejected": 3}, codes)
}

// A later test and a rollback by the Temporal CLI, with two versions there.
func TestOperationsPageLater(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.worker()
	first := b.serve()
	second := b.serve()
	input, err := json.Marshal(data{"request": b.gated(), "versionId": second.Version.ID})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "evaluate.json"), input, 0o600))
	outputs := ""
	for _, line := range commands(t, operationsPage(), true, later) {
		outputs += b.pageCommand(line)
	}
	require.Equal(t, 2, strings.Count(outputs, "COMPLETED"), outputs)
	b.serves(first.Endpoint.ID, first.Version.ID)
	b.state(second.Version.ID, lifecycle.StateRolledBack)
}
