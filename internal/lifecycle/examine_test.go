package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// examined is a worker whose set-up is as it should be.
func examined(now time.Time) lifecycle.Examined {
	return lifecycle.Examined{
		Owner: "team", Home: "here", Resource: "westeurope.api.cognitive.microsoft.com", Credential: "key",
		Requests: lifecycle.RequestsExamined{Share: 1, Most: 90}, ObservedAt: now, LookedAt: now,
		Room:   lifecycle.Room{Endpoints: lifecycle.Stock{Have: 39, Quota: 50}, Datasets: lifecycle.Stock{Have: 399, Quota: 500}},
		Owners: []lifecycle.Counted{{Of: "team", Count: 3}}, Homes: []lifecycle.Counted{{Of: "here", Count: 2}}, Signs: true,
		Links: []lifecycle.LinkExamined{{Model: "desk", Path: "training[0]", Host: "data.example", Seen: true}},
		Hooks: []lifecycle.HookExamined{{Env: "OPS"}},
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	in := func(d time.Duration) *time.Time { return lifecycle.Ptr(now.Add(d)) }
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		change func(e *lifecycle.Examined)
		check  string
		status lifecycle.FindingStatus
		says   string
	}{
		"nothing": {change: func(*lifecycle.Examined) {}, status: lifecycle.FindingOK},
		"the key": {
			change: func(e *lifecycle.Examined) {
				e.Failure = &lifecycle.Failure{Message: "401 Unauthorized", Next: lifecycle.Ptr("check SPEECH_KEY")}
			}, check: "access", status: lifecycle.FindingError, says: "401 Unauthorized",
		},
		"the clock": {
			change: func(e *lifecycle.Examined) { e.LookedAt = now.Add(6 * time.Minute) },
			check:  "clock", status: lifecycle.FindingWarning, says: "differ by 6m0s",
		},
		"the clock of a service here": {
			change: func(e *lifecycle.Examined) { e.Resource, e.ObservedAt = "127.0.0.1:8090", now.AddDate(2, 0, 0) }, status: lifecycle.FindingOK,
		},
		"no date of a service here": {
			change: func(e *lifecycle.Examined) { e.Resource, e.LocalClock = "127.0.0.1:8090", true },
			check:  "clock", status: lifecycle.FindingWarning, says: "carry no date",
		},
		"no date":  {change: func(e *lifecycle.Examined) { e.LocalClock = true }, check: "clock", status: lifecycle.FindingWarning, says: "carry no date"},
		"requests": {change: func(e *lifecycle.Examined) { e.Requests.Slowed = true }, check: "requests", status: lifecycle.FindingWarning, says: "(429)"},
		"region": {
			change: func(e *lifecycle.Examined) { e.Resource = "brazilsouth.api.cognitive.microsoft.com" },
			check:  "region", status: lifecycle.FindingWarning, says: "region brazilsouth",
		},
		"nearly full": {change: func(e *lifecycle.Examined) { e.Room.Endpoints.Have = 40 }, check: "endpoints", status: lifecycle.FindingWarning, says: "40 of 50"},
		"full": {
			change: func(e *lifecycle.Examined) { e.Room.Datasets.Have = 500 },
			check:  "datasets", status: lifecycle.FindingWarning, says: "no room for another",
		},
		"a locale": {
			change: func(e *lifecycle.Examined) {
				e.Locales = []lifecycle.LocaleExamined{{Locale: "xx-XX", Reason: "the service lists no base model for xx-XX"}}
			}, check: "locale xx-XX", status: lifecycle.FindingError, says: "no base model",
		},
		"an owner": {
			change: func(e *lifecycle.Examined) { e.Owners = append(e.Owners, lifecycle.Counted{Of: "other", Count: 1}) },
			check:  "owners", status: lifecycle.FindingWarning, says: `"other" (1 object)`,
		},
		"a home": {
			change: func(e *lifecycle.Examined) { e.Homes = append(e.Homes, lifecycle.Counted{Of: "lost", Count: 1}) },
			check:  "homes", status: lifecycle.FindingWarning, says: "lost (1 version)",
		},
		"a link": {
			change: func(e *lifecycle.Examined) { e.Links[0].Fault = "answered 404 Not Found" },
			check:  "desk training[0]", status: lifecycle.FindingError, says: "the server data.example answered 404",
		},
		"no link": {
			change: func(e *lifecycle.Examined) {
				e.Links[0].Missing, e.Links[0].Fault = true, "the worker has no environment variable X"
			},
			check: "desk training[0]", status: lifecycle.FindingError, says: "no environment variable X",
		},
		"a signature that ends now": {
			change: func(e *lifecycle.Examined) { e.Links[0].SignedUntil = in(0) },
			check:  "desk training[0]", status: lifecycle.FindingError, says: "has ended on 2026-11-28",
		},
		"one that ends soon": {
			change: func(e *lifecycle.Examined) { e.Links[0].SignedUntil = in(30*day - time.Second) },
			check:  "desk training[0]", status: lifecycle.FindingWarning, says: "ends on 2026-12-28",
		},
		"one that lasts": {change: func(e *lifecycle.Examined) { e.Links[0].SignedUntil = in(30 * day) }, status: lifecycle.FindingOK},
		"an unseen change": {
			change: func(e *lifecycle.Examined) { e.Links[0].Seen = false },
			check:  "desk training[0]", status: lifecycle.FindingWarning, says: "cannot be seen",
		},
		"a hook": {
			change: func(e *lifecycle.Examined) { e.Hooks[0].Fault = "the worker has no environment variable OPS" },
			check:  "OPS", status: lifecycle.FindingError, says: "reach nobody",
		},
		"no signature": {change: func(e *lifecycle.Examined) { e.Signs = false }, check: "signatures", status: lifecycle.FindingWarning, says: "not signed"},
		"no hook":      {change: func(e *lifecycle.Examined) { e.Signs, e.Hooks = false, nil }, status: lifecycle.FindingOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := examined(now)
			tc.change(&e)
			found := lifecycle.Examine(e)
			require.Equal(t, tc.status, lifecycle.Worst(found), "%+v", found)
			for _, f := range found {
				if f.Status == tc.status && tc.status != lifecycle.FindingOK {
					require.Equal(t, tc.check, f.Check)
					require.Contains(t, f.Message, tc.says)
					require.NotEmpty(t, f.Next, "what to do about it")
				}
			}
		})
	}
}

// The clock of a service on this machine may run as it likes, and is told; that of any other is a warning, however its host is named.
func TestExamineTellsAClockOfItsOwn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	const says = "the service is on this machine, with a clock of its own: 721 days ahead of the machine's; dates are compared with the service's"
	for resource, want := range map[string]lifecycle.FindingStatus{
		"127.0.0.1:8090": lifecycle.FindingOK, "127.0.0.1": lifecycle.FindingOK, "[::1]:8090": lifecycle.FindingOK, "localhost:8090": lifecycle.FindingOK,
		"Localhost": lifecycle.FindingOK, "localhost.example": lifecycle.FindingWarning, "127.0.0.1.example:443": lifecycle.FindingWarning,
		"10.0.0.7:8090": lifecycle.FindingWarning, "desk.cognitiveservices.azure.com": lifecycle.FindingWarning, "": lifecycle.FindingWarning,
	} {
		e := examined(now)
		e.Resource, e.ObservedAt = resource, now.AddDate(0, 0, 721)
		for _, f := range lifecycle.Examine(e) {
			if f.Check == "clock" {
				require.Equal(t, want, f.Status, "%s: %s", resource, f.Message)
				require.Equal(t, want == lifecycle.FindingOK, f.Message == says, f.Message)
			}
		}
	}
}

// How many there may be is no answer of the service: each count says which setting it is, and what it may be.
func TestExamineTellsWhoseTheQuotasAre(t *testing.T) {
	t.Parallel()
	for have, status := range map[int]lifecycle.FindingStatus{1: lifecycle.FindingOK, 40: lifecycle.FindingWarning, 50: lifecycle.FindingWarning} {
		e := examined(time.Now())
		e.Room.Endpoints.Have, e.Room.Datasets = have, lifecycle.Stock{Have: have, Quota: 50}
		for _, f := range lifecycle.Examine(e) {
			switch f.Check {
			case "endpoints":
				require.Equal(t, status, f.Status)
				require.Contains(t, f.Message, fmt.Sprintf("%d of 50 endpoints; 50 is the worker's setting SPEECH_ENDPOINT_QUOTA, not the service's answer "+
					"(documented: 50 for S0, 1 for F0)", have))
			case "datasets":
				require.Equal(t, status, f.Status)
				require.Contains(t, f.Message, fmt.Sprintf("%d of 50 datasets; 50 is the worker's setting SPEECH_DATASET_QUOTA, not the service's answer "+
					"(documented: 500 for S0, 2 for F0)", have))
			}
			if f.Next != nil {
				require.Contains(t, *f.Next, "if the resource may have more, set SPEECH_")
			}
		}
	}
}

// Of several questions to one worker all are told, none twice.
func TestExaminedTogether(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	more := examined(now)
	more.Links[0].Model, more.Locales = "field", []lifecycle.LocaleExamined{{Locale: "de-DE"}}
	more.Hooks = append(more.Hooks, lifecycle.HookExamined{Env: "TEAM", Fault: "none"})
	all := examined(now).And(more)
	require.Len(t, all.Links, 2)
	require.Len(t, all.Hooks, 2)
	require.Len(t, all.Locales, 1)
	require.Equal(t, lifecycle.FindingError, lifecycle.Worst(all.Findings))
}

func TestWorst(t *testing.T) {
	t.Parallel()
	of := func(all ...lifecycle.FindingStatus) lifecycle.FindingStatus {
		var found []lifecycle.Finding
		for _, s := range all {
			found = append(found, lifecycle.Finding{Status: s})
		}
		return lifecycle.Worst(found)
	}
	ok, warning, failed, unknown := lifecycle.FindingOK, lifecycle.FindingWarning, lifecycle.FindingError, lifecycle.FindingUnknown
	require.Equal(t, ok, of())
	require.Equal(t, unknown, of(ok, unknown))
	require.Equal(t, warning, of(unknown, warning, ok, unknown))
	require.Equal(t, failed, of(warning, failed, unknown))
}

func TestStillOfHome(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	old, young := now.AddDate(0, 0, -90), now.AddDate(0, 0, -90).Add(time.Second)
	require.True(t, lifecycle.StillOfHome(lifecycle.StateCandidate, old, now))
	require.False(t, lifecycle.StillOfHome(lifecycle.StateChampion, old, now))
	require.True(t, lifecycle.StillOfHome(lifecycle.StateChampion, young, now))
}
