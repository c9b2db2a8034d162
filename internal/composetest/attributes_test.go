package composetest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/workflows"
)

// The set-up job registers exactly what the workflows set, with the same types.
func TestNamespaceScriptRegistersTheSearchAttributes(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(root, "deploy", "temporal", "namespace.sh"))
	require.NoError(t, err)
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^attribute (\w+) (\w+)$`).FindAllStringSubmatch(string(script), -1) {
		got[m[1]] = m[2]
	}
	want := map[string]string{}
	for _, a := range workflows.SearchAttributes {
		want[a.Name] = a.Type.String()
	}
	require.Equal(t, want, got)
}
