package secret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/secret"
)

// Redacting what is redacted changes nothing, and a secret goes whatever stands around it.
func FuzzRedact(f *testing.F) {
	f.Add("https://u:p@a.example/x?sig=a%26b&se=1#f Bearer abc.def Ocp-Apim-Subscription-Key: 1")
	f.Add("?sig==&key=?token=%3Fsig%3Dx")
	f.Fuzz(func(t *testing.T, s string) {
		once := secret.Redact(s)
		require.Equal(t, once, secret.Redact(once))
		const value = "s3cr3tV4lue"
		if strings.Contains(s, value) {
			t.Skip()
		}
		for _, planted := range []string{
			"https://u:" + value + "@a.example/x", "https://a.example/x?sv=1&sig=" + value, "Ocp-Apim-Subscription-Key: " + value, "Authorization: Bearer " + value,
			"subscription-key=Bearer " + value,
		} {
			require.NotContains(t, secret.Redact(s+" "+planted+" "+s), value, planted)
		}
	})
}
