package bundle

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/emulator"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// Patience is the limit of a request in tests: that of the product would fail them on a machine with much else to do.
const Patience = 5 * time.Minute

// Service is a local Speech service that ends with the test. Every exchange with it is held against the service's contract.
func Service(t testing.TB, o emulator.Options) *emulator.Server {
	t.Helper()
	service, err := emulator.New(o)
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, v := range service.Violations() {
			t.Errorf("contract: %+v", v)
		}
		require.NoError(t, service.Close())
	})
	return service
}

// Serve serves a handler, until the test ends, at the address that it returns.
func Serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	return listener.URL
}

// Client is a client of the service at an address. Key tells callers apart.
func Client(t testing.TB, url, key string) *speech.Client {
	t.Helper()
	client, err := speech.New(speech.Config{Access: resource.Access{Endpoint: url, Key: key}, Timeout: Patience})
	require.NoError(t, err)
	return client
}
