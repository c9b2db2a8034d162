// Package config reads the settings of worker and starter from the environment. The variables are
// listed in docs/settings.md; their names appear in every message about them.
package config

import (
	"fmt"
	"strings"
	"time"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/secret"
)

// defaultListLag is how long a new object may be missing from lists. The service does not document
// it; half a minute is generous.
const defaultListLag = 30 * time.Second

// defaultDatasetQuota is how many datasets a standard resource may have (learn.microsoft.com, "Speech service quotas and
// limits").
const defaultDatasetQuota = 500

// defaultEndpointQuota is the same for endpoints ("Custom model deployments").
const defaultEndpointQuota = 50

// Settings is what the environment says about the Speech resource and this installation. It holds
// the key and must not be logged field by field; its own print form leaves the key out.
type Settings struct {
	// Speech leads to the Speech resource, and is checked.
	Speech resource.Access
	// Owner is the value of the mark sr.owner, "" when not set: then it is the Temporal namespace.
	Owner string
	// ListLag is how long to wait between two looks for an object that may just have been made.
	ListLag time.Duration
	// SnapshotAge is how old a listing of the resource may be that checks share.
	SnapshotAge time.Duration
	// DatasetQuota and EndpointQuota are how many of them the resource may have.
	DatasetQuota, EndpointQuota int
}

// Error lists everything that is wrong with the settings.
type Error struct {
	// Problems each name the variable that they are about.
	Problems []string
}

// Error is one message with all problems.
func (e *Error) Error() string { return "settings: " + strings.Join(e.Problems, "; ") }

// environment reads variables and collects what is wrong with them.
type environment struct {
	getenv   func(string) string
	problems []string
}

func (e *environment) get(name string) string { return strings.TrimSpace(e.getenv(name)) }

// fail tells a problem, but no key that stands where another value should.
func (e *environment) fail(format string, args ...any) {
	e.problems = append(e.problems, secret.Redact(fmt.Sprintf(format, args...)))
}

// FromEnv reads the settings. The error is an *Error that names every variable that is missing,
// wrong or in contradiction with another; it never repeats a key. Only SPEECH_KEY_FILE is opened,
// nothing is sent.
func FromEnv(getenv func(string) string) (Settings, error) {
	e := &environment{getenv: getenv}
	s := Settings{
		Owner: e.owner(), ListLag: e.listLag(), SnapshotAge: e.snapshotAge(),
		DatasetQuota: e.quota("SPEECH_DATASET_QUOTA", defaultDatasetQuota), EndpointQuota: e.quota("SPEECH_ENDPOINT_QUOTA", defaultEndpointQuota),
	}
	s.Speech.Endpoint = e.endpoint()
	s.Speech.APIVersion = e.apiVersion()
	s.Speech.QuotaShare = e.quotaShare()
	e.credentials(&s.Speech)
	if len(e.problems) > 0 {
		return Settings{}, &Error{Problems: e.problems}
	}
	return s, nil
}
