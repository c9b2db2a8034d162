package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/campaign"
)

// rig is the campaigns' own: the shared Temporal, and the worker that can be stopped at a point.
func rig(t *testing.T) *campaign.Rig {
	t.Helper()
	dir := t.TempDir()
	crash := filepath.Join(filepath.Dir(shared.binaries.Worker), "worker-crash")
	if os.Getenv("E2E_BIN") == "" {
		out, err := exec.CommandContext(t.Context(), "go", "build", "-C", shared.root, "-tags", "crash", "-o", crash, "./worker").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	second, err := shared.server.Client(t.Context(), otherNamespace)
	require.NoError(t, err)
	t.Cleanup(second.Close)
	return &campaign.Rig{
		Binaries: shared.binaries, CrashWorker: crash, Data: filepath.Join(shared.root, "examples", "data"), Logs: dir,
		Server: shared.server, Client: shared.client, Second: campaign.Installation{Client: second, Namespace: otherNamespace},
	}
}

// A worker that is killed in any stage of the whole path, or while it sweeps, costs nothing. `make crash` kills at every point.
func TestCrashInEveryStage(t *testing.T) {
	t.Parallel()
	found, err := rig(t).Crash(t.Context(), campaign.CrashOptions{Lanes: 12, Scenarios: []string{"first", "sweep"}, OnePerStage: true})
	require.NoError(t, err)
	stages := map[string]bool{}
	for _, r := range found.Results {
		stages[r.Point.Stage] = r.Met
	}
	for _, stage := range []string{"validate", "project", "data", "train", "evaluate", "deploy", "verify", "retire"} {
		require.True(t, stages[stage], "no crash in stage %s", stage)
	}
	var table strings.Builder
	found.Print(&table)
	t.Log("\n" + table.String())
	require.Empty(t, found.Broken())
}

// Some seeds of faults, kills and jumps of the clock, many of them among neighbours. `make chaos` plays more.
func TestChaos(t *testing.T) {
	t.Parallel()
	played := rig(t).Chaos(t.Context(), campaign.ChaosOptions{Seeds: campaign.Quick, Lanes: len(campaign.Quick)})
	var summary strings.Builder
	played.Print(&summary)
	t.Log("\n" + summary.String())
	require.Zero(t, played.Broken())
	kills, cuts, faults, people, seconds := 0, 0, 0, 0, 0
	for _, p := range played.Played {
		t.Logf("seed %d took %s", p.Plan.Seed, p.Took.Round(time.Second))
		kills += p.Kills
		cuts += p.Cuts
		for _, n := range p.Faults {
			faults += n
		}
		for _, a := range p.Acts {
			switch {
			case strings.HasPrefix(a.Word, "set to "), strings.HasPrefix(a.Word, "made on "):
				people++
			case a.Word == "started":
				seconds++
			}
		}
	}
	require.Positive(t, kills, "nobody was killed")
	require.Positive(t, cuts, "nobody was cut off from Temporal")
	require.Greater(t, faults, 20, "hardly anything went wrong")
	require.Positive(t, people, "no person changed anything")
	require.Positive(t, seconds, "the second installation did nothing")
}
