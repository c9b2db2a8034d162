package doctor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/doctor"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/workflows"
)

// amiss are the checks that found something, by what they found.
func amiss(found []lifecycle.Finding) map[string]lifecycle.FindingStatus {
	all := map[string]lifecycle.FindingStatus{}
	for _, f := range found {
		if f.Status != lifecycle.FindingOK {
			all[f.Check] = f.Status
		}
	}
	return all
}

type statuses = map[string]lifecycle.FindingStatus

func TestTemporal(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tc := range map[string]struct {
		change func(s *doctor.TemporalSeen)
		want   statuses
	}{
		"fine":             {func(*doctor.TemporalSeen) {}, statuses{}},
		"plain, elsewhere": {func(s *doctor.TemporalSeen) { s.Encrypted = false }, statuses{"TLS": lifecycle.FindingWarning}},
		"plain, here":      {func(s *doctor.TemporalSeen) { s.Encrypted, s.Local = false, true }, statuses{}},
		"no namespace": {
			func(s *doctor.TemporalSeen) { s.Missing, s.Attributes = true, nil }, statuses{"namespace": lifecycle.FindingError},
		},
		"namespace not to be read": {func(s *doctor.TemporalSeen) { s.Fault, s.Retention = "no", 0 }, statuses{"namespace": lifecycle.FindingUnknown}},
		"short retention":          {func(s *doctor.TemporalSeen) { s.Retention = 8*day - time.Second }, statuses{"retention": lifecycle.FindingWarning}},
		"just enough":              {func(s *doctor.TemporalSeen) { s.Retention = 8 * day }, statuses{}},
		"no attribute": {
			func(s *doctor.TemporalSeen) { delete(s.Attributes, "SpeechStage") }, statuses{"search attributes": lifecycle.FindingWarning},
		},
		"attributes not to be read": {
			func(s *doctor.TemporalSeen) { s.Attributes, s.AttributesFault = nil, "no" }, statuses{"search attributes": lifecycle.FindingUnknown},
		},
		"another type": {
			func(s *doctor.TemporalSeen) { s.Attributes["SpeechStage"] = enumspb.INDEXED_VALUE_TYPE_TEXT },
			statuses{"search attributes": lifecycle.FindingWarning},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := doctor.TemporalSeen{
				Address: "temporal.example:7233", Namespace: "speech", Encrypted: true, Retention: 30 * day, Attributes: map[string]enumspb.IndexedValueType{},
			}
			for _, a := range workflows.SearchAttributes {
				s.Attributes[a.Name] = a.Type
			}
			tc.change(&s)
			require.Equal(t, tc.want, amiss(s.Findings(lifecycle.Duration(8*day))))
		})
	}
}

// The clock of a service on this machine is its own; a difference to any other is told, with what to do about it.
func TestOwn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	for resource, want := range map[string]statuses{
		"127.0.0.1:8090": {}, "desk.cognitiveservices.azure.com": {"clock": lifecycle.FindingWarning},
	} {
		e := lifecycle.Examined{Resource: resource, Credential: "key", ObservedAt: now.Add(time.Hour), LookedAt: now}
		require.Equal(t, want, amiss(doctor.Own(e)), resource)
		e.ObservedAt = now
		require.Empty(t, amiss(doctor.Own(e)), resource)
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	fine := doctor.QueueSeen{Name: "q", Workers: 2, Workflows: 2, Activities: 2, Builds: []string{"a"}}
	require.Empty(t, amiss(fine.Findings("speech")))
	for name, tc := range map[string]struct {
		change func(q *doctor.QueueSeen)
		want   statuses
	}{
		"nobody":         {func(q *doctor.QueueSeen) { *q = doctor.QueueSeen{Name: "q"} }, statuses{"polls": lifecycle.FindingError}},
		"one kind":       {func(q *doctor.QueueSeen) { q.Activities = 0 }, statuses{"polls": lifecycle.FindingError}},
		"not to be read": {func(q *doctor.QueueSeen) { q.Fault = "no" }, statuses{"polls": lifecycle.FindingUnknown}},
		"two builds":     {func(q *doctor.QueueSeen) { q.Builds = []string{"a", "b"} }, statuses{"builds": lifecycle.FindingWarning}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := fine
			tc.change(&q)
			require.Equal(t, tc.want, amiss(q.Findings("speech")))
		})
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	here := doctor.Here{Release: "v1", Owner: "team", Resource: "WestEurope.example"}
	fine := lifecycle.Examined{Release: "v1", Owner: "team", Resource: "westeurope.example", Requests: lifecycle.RequestsExamined{Share: 1.0 / 3}}
	three := doctor.QueueSeen{Name: "q", Workers: 3}
	require.Empty(t, amiss(three.Answered(fine, here, []string{"desk"})))
	for name, tc := range map[string]struct {
		change func(e *lifecycle.Examined)
		want   statuses
	}{
		"release":  {func(e *lifecycle.Examined) { e.Release = "v0" }, statuses{"release": lifecycle.FindingWarning}},
		"owner":    {func(e *lifecycle.Examined) { e.Owner = "b" }, statuses{"owner": lifecycle.FindingWarning}},
		"resource": {func(e *lifecycle.Examined) { e.Resource = "westus.example" }, statuses{}},
		"share":    {func(e *lifecycle.Examined) { e.Requests.Share = 0.5 }, statuses{"share": lifecycle.FindingWarning}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := fine
			tc.change(&e)
			require.Equal(t, tc.want, amiss(three.Answered(e, here, nil)))
		})
	}
	elsewhere := fine
	elsewhere.Resource = "westus.example"
	require.Empty(t, amiss(three.Answered(elsewhere, doctor.Here{Release: "v1", Owner: "team"}, []string{"desk"})),
		"starter without settings of its own uploads nothing")
	require.Equal(t, statuses{"resource": lifecycle.FindingError}, amiss(three.Answered(elsewhere, here, []string{"desk"})), "its files would go elsewhere")
}
