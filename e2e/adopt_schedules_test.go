package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A schedule made with the Temporal CLI is refused by apply, until it is told to take it into the fleet.
func TestTakenIntoAFleet(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	input, err := json.Marshal(b.small())
	require.NoError(t, err)
	file := filepath.Join(b.dir, "by-hand.json")
	require.NoError(t, os.WriteFile(file, input, 0o600))
	id := "renew/" + b.name + "-a"
	b.temporal("schedule", "create", "--schedule-id", id, "--cron", "0 3 * * *", "--overlap-policy", "Skip", "--workflow-id", id,
		"--type", "Renew", "--task-queue", b.queue, "--execution-timeout", "1h", "--input-file", file, "--paused", "--notes", "not yet")
	fleet := b.crew("24h", b.member("a", "1h"))
	r := b.starter("apply", "-f", b.write(fleet))
	require.Equal(t, 2, r.code, r.stdout)
	require.Contains(t, r.stderr, "was made by hand")

	require.Equal(t, map[string]string{"a": "update"}, b.apply(fleet, "--adopt-schedules", "--yes"))
	require.Equal(t, map[string]string{"a": "unchanged"}, b.apply(fleet))
	described := b.temporal("schedule", "describe", "--schedule-id", id)
	require.Regexp(t, `Paused\s+true`, described)
	require.Contains(t, described, "not yet")
	require.Equal(t, map[string]string{"b": "create", "a": "delete"}, b.apply(b.crew("24h", b.member("b", "1h")), "--prune", "--yes"))
}
