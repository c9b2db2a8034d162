package resource

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWorkersIdentityTellsItsResource(t *testing.T) {
	t.Parallel()
	identity := Identity(7, "worker-0", "127.0.0.1:7180")
	require.Equal(t, "7@worker-0@127.0.0.1:7180", identity)
	require.Equal(t, "127.0.0.1:7180", HostOf(identity))
	for _, silent := range []string{
		"", "7@worker-0", "7@worker-0@", "temporal-cli:ann@desk", "x@worker-0@there", "7@worker-0@there@more", "7@worker-0@my queue\n",
	} {
		require.Empty(t, HostOf(silent), silent)
	}
}
