package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/contract"
	"speech-retrainer/internal/emulator"
)

// What the emulator lacks is known one by one: a new operation of the contract is served, or comes into this list.
func TestOperationsThatTheEmulatorLacks(t *testing.T) {
	t.Parallel()
	checker, err := contract.New()
	require.NoError(t, err)
	require.Len(t, checker.Operations(), 67)
	served := emulator.Operations()
	require.Subset(t, checker.Operations(), served, "served, and not in the contract")
	var lacking []string
	for _, id := range checker.Operations() {
		if !slices.Contains(served, id) {
			lacking = append(lacking, id)
		}
	}
	require.Equal(t, strings.Fields(`Transcriptions_Delete Transcriptions_Get Transcriptions_GetFile Transcriptions_List
		Transcriptions_ListFiles Transcriptions_ListSupportedLocales Transcriptions_Submit Transcriptions_Transcribe
		Transcriptions_Update WebHooks_Create WebHooks_Delete WebHooks_Get WebHooks_List WebHooks_Ping WebHooks_Test
		WebHooks_Update`), lacking)
}

// A client that asks for what the emulator lacks is told so, and counted, for its test proves nothing.
func TestAskingForWhatIsLackingIsAViolation(t *testing.T) {
	t.Parallel()
	s, err := emulator.New(emulator.Options{Settings: emulator.Plain(), Now: start, Frozen: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ask := func(path string, deliberate bool) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, api+path+"?api-version=2025-10-15", nil)
		r.Header.Set("Ocp-Apim-Subscription-Key", "any")
		if deliberate {
			r.Header.Set("X-Deliberate", "true")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusNotFound {
			require.Contains(t, w.Body.String(), "The emulator does not have the operation Transcriptions_List")
		}
		return w.Code
	}
	require.Equal(t, http.StatusOK, ask("/models", false))
	require.Equal(t, http.StatusNotFound, ask("/transcriptions", true))
	require.Empty(t, s.Violations())
	require.Equal(t, http.StatusNotFound, ask("/transcriptions", false))
	violations := s.Violations()
	require.Len(t, violations, 1)
	require.Equal(t, "Transcriptions_List", violations[0].Operation)
	require.Contains(t, violations[0].Message, "does not have the operation")
}
