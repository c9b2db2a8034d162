package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/exit"
)

// Another endpoint or task queue leaves what serves where it is: apply says so, and the next apply has nothing to say.
func TestApplyTellsWhatAMoveLeavesBehind(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ old, new, says string }{
		"another endpoint": {
			"endpoint: desk", "endpoint: help desk",
			`desk: endpoint "desk" is no longer its endpoint: what it serves stays, charged by the hour and renewed by nobody, until you delete it; ` +
				`nothing is deployed to endpoint "help desk" before the next retrain: starter run desk`,
		},
		"no endpoint": {
			"    deploy: {endpoint: desk}\n", "", `desk: endpoint "desk" is no longer its endpoint: what it serves stays, charged by the hour and renewed ` +
				"by nobody, until you delete it; nothing is deployed any more",
		},
		"another queue": {
			"  - name: desk\n", "  - name: desk\n    taskQueue: west\n",
			"desk: renew/desk goes from task queue speech-retrainer to west: if that is another Speech resource, the model has no versions there",
		},
		"nothing": {"endpoint: desk", "endpoint: desk", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &fakeTemporal{}
			path := deskOf(t, "", "desk")
			k.applied(t, path)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), tt.old)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), tt.old, tt.new, 1)), 0o600))
			for _, args := range [][]string{{"--dry-run"}, nil, nil} {
				got := execute(t.Context(), k, append([]string{"apply", "--file", path}, args...)...)
				require.Equal(t, exit.Done, got.code, got.stderr)
				said := strings.Join(strings.Fields(got.stderr), " ")
				if tt.says == "" {
					require.NotContains(t, said, "desk: ")
				} else {
					require.Contains(t, said, tt.says)
				}
				if args == nil {
					tt.says = ""
				}
			}
		})
	}
}
