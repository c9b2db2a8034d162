package e2e

import (
	"crypto/rand"
	"strings"
)

// secrets are all that the product is given and must not tell. None has the length of a key of the service, so
// that it is not taken out of texts by its shape alone; some hold characters that are escaped in URLs.
type secrets struct {
	// shaped has the form of a key of the service: it is put where another setting should stand.
	shaped string
	// key and fileKey are the Speech resource's keys, token its Entra token, identity what that is asked for with.
	key, fileKey, token, identity string
	// signature, password and link give a right to data.
	signature, password, link string
	// hookPath and hookCode are in the URL of a web hook, webhook signs what is sent there.
	hookPath, hookCode, webhook string
	// temporal is the API key for Temporal.
	temporal string
	// control is the one that somebody lets slip.
	control string
}

func newSecrets() secrets {
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(rand.Text())
		}
		return b.String()[:n]
	}
	return secrets{
		shaped: text(84), key: text(27) + "+" + text(14) + "/" + text(12) + "=", fileKey: text(61),
		token:    "ey" + text(70) + "." + strings.ToLower(text(60)) + "_" + text(50) + "." + text(43),
		identity: text(36), signature: text(20) + "+" + text(11) + "/" + text(20) + "=",
		password: text(30), link: strings.ToLower(text(41)), hookPath: text(43), hookCode: text(33) + "/" + text(9) + "==", webhook: text(48),
		temporal: text(29) + "." + text(31), control: text(20) + "/" + text(22) + "=",
	}
}

// kept are the secrets that must be found nowhere, by their names.
func (s secrets) kept() []secret {
	return []secret{
		{"SPEECH_KEY", s.key},
		{"a key in another setting", s.shaped},
		{"the key of SPEECH_KEY_FILE", s.fileKey},
		{"the Entra token", s.token},
		{"IDENTITY_HEADER", s.identity},
		{"the signature of a content URL", s.signature},
		{"the password of a content URL", s.password},
		{"the path of a content URL", s.link},
		{"the path of a web hook", s.hookPath},
		{"the query of a web hook", s.hookCode},
		{"RETRAINER_WEBHOOK_SECRET", s.webhook},
		{"TEMPORAL_API_KEY", s.temporal},
	}
}

// control is the name of the secret that somebody starts with the Temporal CLI.
const control = "a signed URL in a request"
