package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The check that ends every test here can fail: the emulator refuses what the contract does not know, and
// remembers who asked for it.
func TestContractCheckCanFail(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	_, err := b.emulator.Create(t.Context(), "datasets", data{
		"displayName": "x", "locale": "en-US", "kind": "Language", "contentURL": "http://127.0.0.1/x",
	})
	require.ErrorContains(t, err, "400")
	violations, _, err := b.emulator.Violations(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, violations)
	require.Contains(t, violations[0].String(), "contentURL")
	require.NoError(t, b.emulator.Forget(t.Context()))
}
