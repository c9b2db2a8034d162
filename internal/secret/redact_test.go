package secret_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/secret"
)

const (
	key = "0123456789abcdef0123456789abcdef"
	id  = "5b21c9f2-9d2b-4a6c-8f0a-3d1f6c2e7a11"
)

func TestSignedURL(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"https://a.example/data.zip":                                   false,
		"https://a.example/data.zip?version=3":                         false,
		"https://a.example/data.zip?sv=2022&sr=b&sp=r":                 false,
		"https://a.example/monkey?monkey=1&session=2":                  false,
		"https://a.example/data.zip?sv=2022&sig=abc%3D":                true,
		"https://a.example/data.zip?SIG=abc":                           true,
		"https://a.example/data.zip?%73ig=abc":                         true,
		"https://a.example/data.zip?se=2031-01-01":                     true,
		"https://a.example/data.zip?a=b;sig=abc":                       true,
		"https://a.example/data.zip?Signature=abc&Expires=1":           true,
		"https://a.example/data.zip?token=abc":                         true,
		"https://a.example/data.zip?key=abc":                           true,
		"https://a.example/data.zip?X-Amz-Credential=a":                true,
		"https://a.example/data.zip?x-amz-signature=a":                 true,
		"https://user@a.example/data.zip":                              true,
		"https://user:pw@a.example/data.zip":                           true,
		"https://a.example/data.zip#sig=abc":                           false,
		"http://[::1/data.zip?sig=abc":                                 true,
		"https://a.example/sig=abc":                                    false,
		"https://a.example/data.zip?signature_version=2&tokenized=yes": false,
	}
	for u, want := range tests {
		require.Equal(t, want, secret.SignedURL(u), u)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const hidden = "s3cr3t"
	for _, text := range []string{
		"get https://a.example/x?sv=1&sig=s3cr3t&sp=r failed",
		"get https://a.example/x?sig=s3cr3t%2Bs3cr3t%3D failed",
		`{"url":"https://a.example/x?sv=1\u0026sig=s3cr3t"}`,
		"https://a.example/x?sv=1&amp;sig=s3cr3t",
		"https://b.example/?u=https%3A%2F%2Fa.example%2Fx%3Fsig%3Ds3cr3t%26sp%3Dr",
		"https://user:s3cr3t@a.example/x",
		"https://s3cr3t@a.example/x",
		"Authorization: Bearer s3cr3t.s3cr3t-s3cr3t",
		"Ocp-Apim-Subscription-Key: s3cr3t",
		`"Ocp-Apim-Subscription-Key":"s3cr3t"`,
		"https://a.example/x?subscription-key=s3cr3t",
		"https://a.example/x?X-Amz-Signature=s3cr3t&X-Amz-Credential=s3cr3t",
		"https://a.example/x?access_token=s3cr3t",
	} {
		got := secret.Redact(text)
		require.NotContains(t, got, hidden, text)
		require.Contains(t, got, "REDACTED", text)
	}
	require.NotContains(t, secret.Redact("key "+key+" refused"), key)
	require.NotContains(t, secret.Redact("key "+strings.Repeat("aB3", 28)+" refused"), "aB3aB3")
	for _, text := range []string{
		"https://a.example/speechtotext/models/" + id + "?api-version=2025-10-15&filter=status%20eq%20'Running'",
		"the model is deprecated; choose another one", "0.112 vs 0.131", "", "user@example.com",
	} {
		require.Equal(t, text, secret.Redact(text))
	}
}

// Whatever a signed parameter holds, nothing of it is left, and redacting again changes nothing.
func TestRedactProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"sig", "Signature", "token", "KEY", "se", "X-Amz-Security-Token"}).Draw(t, "name")
		value := "Zq7" + rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "value") + "Zq7"
		u := "https://a.example/x?sv=1&" + name + "=" + url.QueryEscape(value) + "&sp=r"
		require.True(t, secret.SignedURL(u))
		got := secret.Redact("import of " + u + " failed")
		require.NotContains(t, got, "Zq7")
		require.Contains(t, got, "failed")
		require.Equal(t, got, secret.Redact(got))
	})
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	for u, want := range map[string]string{
		"https://a.example/x?sv=1&%73ig=hunter2":     "https://a.example/x?sig=REDACTED",
		"https://user:hunter2@a.example/x":           "https://REDACTED@a.example/x",
		"see https://a.example/x?sv=1&sig=hunter2":   "see https://a.example/x?sv=1&sig=REDACTED",
		"http://[::1/x?sig=hunter2":                  "http://[::1/x?sig=REDACTED",
		"https://hunter2@a.example/x?token=hunter2#": "https://REDACTED@a.example/x?sig=REDACTED",
	} {
		require.True(t, secret.SignedURL(u), u)
		require.Equal(t, want, secret.Unsigned(u))
	}
}
