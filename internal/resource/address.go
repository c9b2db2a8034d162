package resource

import (
	"fmt"
	"net/url"
	"strings"

	"speech-retrainer/internal/secret"
	"speech-retrainer/internal/web"
)

// RootPath is where the API lives on every host (document "rest-speech-to-text").
const RootPath = "/speechtotext"

// foreignHosts are domains of Azure whose hosts are of other APIs, and the domain that serves this one for the same
// region, or for the same resource (documents "regions", "speech-services-private-link" and "sovereign-clouds").
var foreignHosts = []struct {
	domain, is, right string
}{
	{".speech.microsoft.com", realTime, ".api.cognitive.microsoft.com"},
	{".speech.azure.us", realTime, ".api.cognitive.microsoft.us"},
	{".speech.azure.cn", realTime, ".api.cognitive.azure.cn"},
	{".openai.azure.com", openAI, ".cognitiveservices.azure.com"},
	{".openai.azure.us", openAI, ".cognitiveservices.azure.us"},
	{".openai.azure.cn", openAI, ".cognitiveservices.azure.cn"},
	{".services.ai.azure.com", foundry, ".cognitiveservices.azure.com"},
	{".dev.cognitive.microsoft.com", console, ".api.cognitive.microsoft.com"},
	{".cris.ai", console, ".api.cognitive.microsoft.com"},
}

const (
	realTime = "of another API (real-time recognition, voices)"
	openAI   = "of another API (Azure OpenAI)"
	foundry  = "of another API (models of Microsoft Foundry)"
	console  = "of an old page about this API"
)

// foreignPages are hosts that people see when they work with a resource, and that tell neither its name nor its region.
var foreignPages = map[string]string{
	"portal.azure.com": portal, "portal.azure.us": portal, "portal.azure.cn": portal,
	"ai.azure.com": portal, "speech.microsoft.com": portal, "speech.azure.us": portal, "speech.azure.cn": portal,
	"management.azure.com": "of another API (Azure Resource Manager)", "management.usgovcloudapi.net": "of another API (Azure Resource Manager)",
	"management.chinacloudapi.cn":           "of another API (Azure Resource Manager)",
	"api.cognitive.microsofttranslator.com": "of another API (Translator)",
}

const portal = "of a portal"

// foreignHost says which address is meant by one of another API; empty for any other.
func foreignHost(endpoint string) string {
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u := secret.Parsed(endpoint)
	if u == nil {
		return ""
	}
	name := strings.ToLower(u.Hostname())
	if is := foreignPages[name]; is != "" {
		return fmt.Sprintf("is an address %s: use the endpoint that the portal shows for the Speech resource, "+
			"like https://westeurope.api.cognitive.microsoft.com", is)
	}
	for _, f := range foreignHosts {
		if of, is := strings.CutSuffix(name, f.domain); is {
			of, _, _ = strings.Cut(of, ".")
			return fmt.Sprintf("is an address %s: use https://%s%s, or the endpoint that the portal shows for the Speech resource", f.is, of, f.right)
		}
	}
	if scheme := strings.ToLower(u.Scheme); name != "" && (scheme == "wss" || scheme == "ws") {
		return fmt.Sprintf("is an address %s: use https://%s", realTime, strings.ToLower(u.Host))
	}
	return ""
}

// Address is the address of a resource with the root path, in one spelling. It must be https, or http to loopback, and
// nothing but a host and the root path; the error says what is wrong, and which address is meant where that can be told.
func Address(endpoint string) (*url.URL, error) {
	if fault := foreignHost(strings.TrimSpace(endpoint)); fault != "" {
		return nil, fmt.Errorf("%q %s", secret.Redact(endpoint), fault)
	}
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not a URL with scheme and host, like https://westeurope.api.cognitive.microsoft.com", secret.Redact(endpoint))
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if err := web.CheckURL(u.String()); err != nil {
		return nil, fmt.Errorf("%q: %w", secret.Redact(endpoint), err)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q must be scheme and host only", secret.Redact(endpoint))
	}
	if path := strings.TrimSuffix(u.Path, "/"); path != "" && path != RootPath {
		return nil, fmt.Errorf("%q must be scheme and host only, without %q", secret.Redact(endpoint), path)
	}
	u.Path, u.RawPath = RootPath, ""
	return u, nil
}
