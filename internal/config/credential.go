package config

import (
	"io"
	"net/url"
	"os"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/secret"
)

// maxKeyFile is far above the length of any key: a larger file is another file.
const maxKeyFile = 4 << 10

// credentials fills in the key, or without one the Entra credential.
func (e *environment) credentials(access *resource.Access) {
	key, file, scope := e.get("SPEECH_KEY"), e.get("SPEECH_KEY_FILE"), e.get("SPEECH_TOKEN_SCOPE")
	source := "SPEECH_KEY"
	switch {
	case key != "" && file != "":
		e.fail("SPEECH_KEY and SPEECH_KEY_FILE are both set, use one of them")
		return
	case file != "":
		source = "SPEECH_KEY_FILE"
		var ok bool
		if key, ok = e.keyFile(file); !ok {
			return
		}
	case key == "":
		e.entra(access, scope)
		return
	}
	if scope != "" {
		e.fail("SPEECH_TOKEN_SCOPE is for Entra ID, but %s is set", source)
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		e.fail("%s holds blanks or characters that no key has", source)
		return
	}
	access.Key = key
}

// keyFile reads a key from a file, without the line end that editors add.
func (e *environment) keyFile(path string) (string, bool) {
	f, err := os.Open(path)
	if err != nil {
		e.fail("SPEECH_KEY_FILE cannot be read: %v", err)
		return "", false
	}
	defer func() { _ = f.Close() }() // opened for reading only
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	key := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	switch {
	case err != nil:
		e.fail("SPEECH_KEY_FILE cannot be read: %v", err)
	case len(data) > maxKeyFile:
		e.fail("SPEECH_KEY_FILE %s has more than %d bytes, it is not a key", path, maxKeyFile)
	case key == "":
		e.fail("SPEECH_KEY_FILE %s is empty", path)
	default:
		return key, true
	}
	return "", false
}

// entra sets up Entra ID by azidentity's default chain: environment, workload identity, managed
// identity, developer tools. It works only on a resource with a custom subdomain (document
// "role-based-access-control"), and a token goes over https only.
func (e *environment) entra(access *resource.Access, scope string) {
	const needed = "SPEECH_KEY or SPEECH_KEY_FILE is needed"
	if e.get("SPEECH_REGION") != "" {
		e.fail("%s with SPEECH_REGION: Entra ID works only with the custom subdomain of the resource, given as SPEECH_ENDPOINT", needed)
		return
	}
	u, err := url.Parse(access.Endpoint)
	if err != nil || u.Host == "" {
		return // SPEECH_ENDPOINT is reported already
	}
	if u.Scheme == "http" {
		e.fail("%s: SPEECH_ENDPOINT is http, and an Entra token goes over https only (the emulator accepts any key)", needed)
		return
	}
	for _, suffix := range suffixes {
		if strings.HasSuffix(strings.ToLower(u.Hostname()), suffix) {
			e.fail("%s: SPEECH_ENDPOINT %s is a regional host, and Entra ID works only with the custom subdomain of the resource", needed, u.Host)
			return
		}
	}
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		e.fail("%s, or Entra ID set up by AZURE_*: %s", needed, secret.Redact(err.Error()))
		return
	}
	access.Credential, access.TokenScope = credential, scope
}
