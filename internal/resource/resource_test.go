package resource_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/resource"
)

func TestAccessShowsNoKey(t *testing.T) {
	t.Parallel()
	access := resource.Access{Endpoint: "https://u:s3cr3t@calls.example", Key: "s3cr3t"}
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s", access, access, access, access), fmt.Sprintf("%v", &access), fmt.Sprint([]any{access}),
	} {
		require.NotContains(t, text, "s3cr3t")
		require.Contains(t, text, "calls.example")
	}
}

// However an address is written, it is one.
func TestAddress(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{
		"https://calls.cognitiveservices.azure.com", "https://calls.cognitiveservices.azure.com/",
		" HTTPS://Calls.cognitiveservices.azure.com/speechtotext/\n",
	} {
		address, err := resource.Address(endpoint)
		require.NoError(t, err)
		require.Equal(t, "https://calls.cognitiveservices.azure.com/speechtotext", address.String())
	}
	local, err := resource.Address("http://localhost:8090/")
	require.NoError(t, err)
	require.Equal(t, "http://localhost:8090/speechtotext", local.String())
}

func TestAddressIsRefused(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"":                                "is not a URL with scheme and host",
		"calls.example":                   "is not a URL with scheme and host",
		"http://calls.example":            "http is allowed to loopback only",
		"ftp://calls.example":             `scheme "ftp" is not allowed`,
		"https://u:hunter2@calls.example": "must be scheme and host only",
		"https://calls.example?key=1":     "must be scheme and host only",
		"https://calls.example/v1":        `without "/v1"`,
		"https://westus.stt.speech.microsoft.com": "of another API (real-time recognition, voices): " +
			"use https://westus.api.cognitive.microsoft.com, or",
	} {
		_, err := resource.Address(endpoint)
		require.ErrorContains(t, err, want, endpoint)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
