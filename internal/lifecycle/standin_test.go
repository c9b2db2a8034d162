package lifecycle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

const away = "the server of training[0] answered 503 Service Unavailable (files.example)"

// unanswered lets the server of the training data not tell its content; what stands for it has the given content.
func unanswered(content string) lifecycle.ObservedData {
	return lifecycle.ObservedData{Label: "text", Kind: "Language", DatasetID: "d", DatasetName: "text 0123456789ab", Content: content, Unknown: away}
}

// What is not known is no change, whatever stands for it; every other reason stands as before.
func TestUnknownDataIsNoReason(t *testing.T) {
	t.Parallel()
	none := unanswered("")
	none.DatasetID, none.DatasetName, none.Fault = "", "", lifecycle.NoDatasetFault(away)
	known := lifecycle.ObservedData{Label: "words", Kind: "Language", DatasetID: "w", Content: "words, changed"}
	for name, tt := range map[string]struct {
		change func(*lifecycle.Observed, *lifecycle.Request)
		cause  string
		note   string
	}{
		"the same content stands for it": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0] = unanswered("text") },
			note:   `data text: not known today: ` + away + `; a change of the content cannot be seen, and dataset "text 0123456789ab" is used until it answers`,
		},
		"another content stands for it": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0] = unanswered("newer") },
			note:   "not known today: " + away,
		},
		"nothing stands for it": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0] = none },
			note:   "data text: not known today: " + away + ", and there is no usable dataset of it",
		},
		"beside data that has changed": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training = append(o.Training, unanswered("text"), known)
			},
			note: "not known today",
		},
		"the data of a test, and the training data has changed": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training, o.Tests = append(o.Training, known), []lifecycle.ObservedData{unanswered("text")}
			},
			cause: lifecycle.CauseData, note: "not known today",
		},
		"the data of a test that nothing stands for, and the training data has changed": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training, o.Tests = append(o.Training, known), []lifecycle.ObservedData{none}
			},
			note: "not known today",
		},
		"changes do not matter": {
			change: func(o *lifecycle.Observed, r *lifecycle.Request) {
				o.Training[0], r.Renew.OnDataChange = unanswered("newer"), false
			},
			note: "not known today",
		},
		"expiry": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0] = unanswered("newer"); expire(o, 20) },
			cause:  lifecycle.CauseExpiry, note: "not known today",
		},
		"a newer base model": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training[0], o.Bases = unanswered("newer"), append(o.Bases, base("base-2", 5))
			},
			cause: lifecycle.CauseBase, note: "not known today",
		},
		"no version yet": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training[0], o.Versions, o.Serving, o.Endpoint = none, nil, nil, nil
			},
			cause: lifecycle.CauseFirst, note: "not known today",
		},
		"set by hand, and expired": {
			change: func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Training[0], o.Serving = unanswered("newer"), &lifecycle.Model{ID: "b", DisplayName: "base"}
			},
			cause: lifecycle.CauseSetByHand, note: "not known today",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			tt.change(&o, &r)
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.cause, answer.Cause, answer.Reason)
			require.Equal(t, tt.cause != "", answer.Due)
			require.Contains(t, strings.Join(answer.Notes, "\n"), tt.note)
			require.NotContains(t, strings.Join(answer.Notes, "\n"), "ETag")
			require.True(t, lifecycle.DataUnknown(o))
		})
	}
	require.False(t, lifecycle.DataUnknown(calm()))
}

// A person hears once that a dataset stands for data, whatever the server answers from day to day, and again when
// nothing stands for it any more.
func TestUnknownDataIsAnAlarm(t *testing.T) {
	t.Parallel()
	o := calm()
	o.Training[0] = unanswered("text")
	alarms, mark := lifecycle.Alarms(o, heard(), "")
	require.Len(t, alarms, 1)
	require.Equal(t, lifecycle.AlarmData, alarms[0].Kind)
	require.Contains(t, alarms[0].Message, `data "text": `+lifecycle.StandInNote(away, "text 0123456789ab")+"; v1 lives until ")
	require.Contains(t, alarms[0].Next, "starter trigger desk")
	require.NotContains(t, alarms[0].Message, "no retrain can succeed")
	o.Training[0].Unknown = "the server of training[0] did not answer within 10s (files.example)"
	alarms, same := lifecycle.Alarms(o, heard(), mark)
	require.True(t, alarms[0].Sent)
	require.Equal(t, mark, same)

	o.Training[0].DatasetID, o.Training[0].Fault = "", lifecycle.NoDatasetFault(o.Training[0].Unknown)
	alarms, mark = lifecycle.Alarms(o, heard(), mark)
	require.False(t, alarms[0].Sent)
	require.Contains(t, alarms[0].Message, "no retrain can succeed until that is mended")
	o.Training[0].Fault = lifecycle.NoDatasetFault(away)
	alarms, _ = lifecycle.Alarms(o, heard(), mark)
	require.True(t, alarms[0].Sent, "another answer is no other state")

	o.Training, o.Tests = calm().Training, []lifecycle.ObservedData{unanswered("calls")}
	o.Tests[0].Kind = "Acoustic"
	r := heard()
	r.Tests = []lifecycle.Test{{}}
	alarms, _ = lifecycle.Alarms(o, r, "")
	require.Len(t, alarms, 1, "the data of a test")
}

// The plan says what the check says.
func TestUnknownDataInAPlan(t *testing.T) {
	t.Parallel()
	o := calm()
	o.Training[0] = unanswered("text")
	plan := lifecycle.NewPlan(desk(), lifecycle.Planned{Observed: o, Due: lifecycle.Due(o, desk())})
	require.Equal(t, lifecycle.ActionReuse, plan.Datasets[0].Action)
	require.Equal(t, lifecycle.StandInNote(away, "text 0123456789ab"), *plan.Datasets[0].Note)
	require.Nil(t, plan.Error)
	o.Training[0].Fault = lifecycle.NoDatasetFault(away)
	plan = lifecycle.NewPlan(desk(), lifecycle.Planned{Observed: o, Due: lifecycle.Due(o, desk())})
	require.Equal(t, lifecycle.InvalidRequest, plan.Error.Type)
	require.Equal(t, lifecycle.NoDatasetFault(away), plan.Error.Message)
}

func TestPickStandIn(t *testing.T) {
	t.Parallel()
	of := func(id string, days int, change func(*lifecycle.StandIn)) lifecycle.StandIn {
		d := lifecycle.StandIn{
			ID: id, DisplayName: "text 0123456789ab", Kind: "Language", Locale: "en-US",
			Status: "Succeeded", Source: "s", CreatedAt: noon.Add(time.Duration(days) * aDay),
		}
		if change != nil {
			change(&d)
		}
		return d
	}
	unmarked := func(d *lifecycle.StandIn) { d.Source = "" }
	used := func(ids ...string) lifecycle.Version { return lifecycle.Version{DatasetIDs: ids} }
	for name, tt := range map[string]struct {
		datasets []lifecycle.StandIn
		versions []lifecycle.Version
		want     string
	}{
		"the newest":                 {datasets: []lifecycle.StandIn{of("a", 1, nil), of("b", 3, nil), of("c", 2, nil)}, want: "b"},
		"of one moment, the last ID": {datasets: []lifecycle.StandIn{of("b", 1, nil), of("a", 1, nil)}, want: "b"},
		"not what failed":            {datasets: []lifecycle.StandIn{of("a", 1, nil), of("b", 2, func(d *lifecycle.StandIn) { d.Status = "Failed" })}, want: "a"},
		"nothing but what failed":    {datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Status = "Failed" })}},
		"rather what is ready":       {datasets: []lifecycle.StandIn{of("a", 1, nil), of("b", 2, func(d *lifecycle.StandIn) { d.Status = "Running" })}, want: "a"},
		"what is not ready":          {datasets: []lifecycle.StandIn{of("b", 2, func(d *lifecycle.StandIn) { d.Status = "NotStarted" })}, want: "b"},
		"not of another source": {
			datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Source = "t" })},
			versions: []lifecycle.Version{used("a")},
		},
		"the mark before no mark": {datasets: []lifecycle.StandIn{of("a", 1, nil), of("b", 2, unmarked)}, versions: []lifecycle.Version{used("b")}, want: "a"},
		"no mark, used": {
			datasets: []lifecycle.StandIn{of("a", 1, unmarked), of("b", 2, unmarked)},
			versions: []lifecycle.Version{used("a")}, want: "a",
		},
		"no mark, the newest used": {
			datasets: []lifecycle.StandIn{of("a", 1, unmarked), of("b", 2, unmarked)},
			versions: []lifecycle.Version{used("a", "b")}, want: "b",
		},
		"no mark, the version before did, the newest had none": {
			datasets: []lifecycle.StandIn{of("a", 1, unmarked), of("b", 2, unmarked)}, versions: []lifecycle.Version{used("other"), used("a"), used("b")}, want: "a",
		},
		"no mark, of a test": {
			datasets: []lifecycle.StandIn{of("a", 1, unmarked)}, versions: []lifecycle.Version{{Tests: []lifecycle.ObservedTest{{DatasetID: "a"}}}}, want: "a",
		},
		"no mark, used by nothing": {datasets: []lifecycle.StandIn{of("a", 1, unmarked)}},
		"no mark, of another name": {datasets: []lifecycle.StandIn{of("a", 1,
			func(d *lifecycle.StandIn) { d.Source, d.DisplayName = "", "texts 0123456789ab" })}, versions: []lifecycle.Version{used("a")}},
		"no mark, of another kind": {
			datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Source, d.Kind = "", "Acoustic" })},
			versions: []lifecycle.Version{used("a")},
		},
		"no mark, of another locale": {
			datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Source, d.Locale = "", "de-DE" })},
			versions: []lifecycle.Version{used("a")},
		},
		"no mark, and not ready": {
			datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Source, d.Status = "", "Running" })},
			versions: []lifecycle.Version{used("a")},
		},
		"no mark, a locale is a locale": {
			datasets: []lifecycle.StandIn{of("a", 1, func(d *lifecycle.StandIn) { d.Source, d.Locale = "", "en-us" })},
			versions: []lifecycle.Version{used("a")}, want: "a",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := lifecycle.PickStandIn(tt.datasets, lifecycle.StandInQuestion{Source: "s", Name: "text", Kind: "Language", Locale: "en-US", Versions: tt.versions})
			require.Equal(t, tt.want, got.ID)
			require.Equal(t, tt.want != "", ok)
		})
	}
}

// Whose URL a dataset was made from says more than its name; where either is not known, the name decides.
func TestNamedBySource(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		source, data, displayName string
		known                     bool
		named                     bool
	}{
		"the same URL, unknown content":     {source: "s", data: "s", displayName: "words 0123456789ab", named: true},
		"the same URL, another content":     {source: "s", data: "s", displayName: "words 0123456789ab", known: true},
		"another URL":                       {source: "s", data: "t", displayName: "text 0123456789ab"},
		"no mark, its name":                 {data: "s", displayName: "text 0123456789ab", named: true},
		"no mark, another name":             {data: "s", displayName: "words 0123456789ab"},
		"a URL that nobody knows, its name": {source: "s", displayName: "text 0123456789ab", named: true},
		"a URL that nobody knows, no name":  {source: "s", displayName: "words 0123456789ab"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := lifecycle.LiveRequest{Name: "m", Training: []lifecycle.LiveData{{Name: "text", ContentURL: "https://x/t", Source: tt.data}}}
			d := lifecycle.DatasetFacts{ID: "a", DisplayName: tt.displayName, Content: "c", Source: tt.source}
			named := lifecycle.Named(d, []lifecycle.LiveRequest{live}, nil, func(lifecycle.LiveRequest, lifecycle.LiveData) (string, bool) { return "other", tt.known })
			require.Equal(t, tt.named, named != "", named)
		})
	}
}
