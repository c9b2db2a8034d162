package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// commands are the lines of the shell blocks of a page.
func commands(t *testing.T, path string) []string {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	var lines []string
	inside := false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
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
	page := commands(t, filepath.Join(shared.root, "docs", "operations.md"))
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
