// Package resource says what leads to a Speech resource: its address, the credential and the version of the API, and what
// each of them may be. The settings fill it in, the client goes by it, and neither knows the other.
package resource

import (
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"speech-retrainer/internal/secret"
)

const (
	// DefaultAPIVersion is the version of the API that is spoken when none is named.
	DefaultAPIVersion = "2025-10-15"
	// VersionNoProjects is the one that has no projects.
	VersionNoProjects = "2024-11-15"
)

// APIVersions are the versions of the API that can be spoken, the default first.
func APIVersions() []string { return []string{DefaultAPIVersion, VersionNoProjects} }

// MinQuotaShare is the least share of a resource's quota: less leaves no room for a burst of one.
const MinQuotaShare = 0.02

// Access is how a Speech resource is reached. Endpoint and one of Key and Credential are required; the zero value of
// everything else is a default.
type Access struct {
	// Endpoint is scheme and host as the portal shows it; RootPath is added when absent.
	Endpoint string
	// APIVersion is 2025-10-15 (the default) or 2024-11-15.
	APIVersion string
	// Key is the key of the Speech resource; it goes before Credential.
	Key string `json:"-"`
	// Credential gives Entra tokens; it works only on a resource with a custom subdomain (NOTES 1).
	Credential azcore.TokenCredential `json:"-"`
	// TokenScope is the scope of the token; the public cloud's when empty.
	TokenScope string
	// QuotaShare is this process's part of the resource's request quota, 0.02 to 1; 0 means 1.
	QuotaShare float64
}

// String shows what leads to the resource without the key.
func (a Access) String() string {
	key := "none"
	if a.Key != "" {
		key = secret.Redacted
	}
	return fmt.Sprintf("endpoint %s, API version %s, key %s, Entra %t, quota share %v",
		secret.Redact(a.Endpoint), a.APIVersion, key, a.Credential != nil, a.QuotaShare)
}

// GoString keeps the key out of %#v too.
func (a Access) GoString() string { return "resource.Access{" + a.String() + "}" }
