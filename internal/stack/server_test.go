package stack

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
)

func TestServerServesWithItsNamespaces(t *testing.T) {
	t.Parallel()
	root, err := Root()
	require.NoError(t, err)
	binary, err := findTemporal(filepath.Join(root, "bin"))
	if err != nil {
		t.Skip("no Temporal CLI: set TEMPORAL_CLI or run `make build`")
	}
	s, err := New(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	const kept = 8 * 24 * time.Hour
	server, err := s.StartServer(t.Context(), ServerOptions{Binary: binary, Namespaces: []string{"second"}, Retention: kept})
	require.NoError(t, err)
	for _, namespace := range []string{"default", "second"} {
		c, err := server.Client(t.Context(), namespace)
		require.NoError(t, err)
		defer c.Close()
		found, err := c.OperatorService().ListSearchAttributes(t.Context(),
			&operatorservice.ListSearchAttributesRequest{Namespace: namespace})
		require.NoError(t, err)
		for _, name := range []string{"SpeechModel", "SpeechLocale", "SpeechStage", "SpeechOutcome", "SpeechAlarm", "SpeechExpiry"} {
			require.Contains(t, found.GetCustomAttributes(), name)
		}
		described, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
		require.NoError(t, err)
		require.Equal(t, kept, described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), namespace)
	}
}

// Two stacks that start at the same moment can find the same port free. The second must not take the first
// one's answers for those of its own server.
func TestServerIsNotMistakenForAnother(t *testing.T) {
	t.Parallel()
	root, err := Root()
	require.NoError(t, err)
	binary, err := findTemporal(filepath.Join(root, "bin"))
	if err != nil {
		t.Skip("no Temporal CLI: set TEMPORAL_CLI or run `make build`")
	}
	start := func(port int) (*Server, error) {
		s, err := New(t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() }) // a server that never came up is a crash to Close
		return s.startServerOn(t.Context(), ServerOptions{Binary: binary}, port, nil)
	}
	port, err := FreePort()
	require.NoError(t, err)
	_, err = start(port)
	require.NoError(t, err)
	_, err = start(port)
	require.Error(t, err)
}
