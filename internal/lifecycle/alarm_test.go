package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

// heard is a request whose alarms somebody listens to.
func heard() lifecycle.Request {
	r := desk()
	r.Notify = []lifecycle.Notify{{URLFrom: lifecycle.FromEnv{Env: "OPS"}, On: []lifecycle.Event{lifecycle.EventExpiring}}}
	return r
}

// gone is a model whose champion somebody has deleted on the service: it is not listed any more, only these are.
func gone(o *lifecycle.Observed, left ...lifecycle.Version) {
	o.Serving, o.Versions, o.Endpoint.ModelGone = nil, left, true
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	candidate := trained("v2", lifecycle.StateCandidate, 0, 400)
	tests := map[string]struct {
		change func(*lifecycle.Observed)
		kinds  []string
		says   string
	}{
		"nothing amiss": {func(*lifecycle.Observed) {}, nil, ""},
		"90 days":       {func(o *lifecycle.Observed) { expire(o, 90) }, []string{"expiring"}, "v1 expires on 2026-08-30, in 90 days"},
		"6 days":        {func(o *lifecycle.Observed) { expire(o, 6) }, []string{"expiring"}, "v1 expires on 2026-06-07, in 6 days"},
		"20 days, with a successor": {func(o *lifecycle.Observed) {
			expire(o, 20)
			o.Versions, o.Retrain = append([]lifecycle.Version{candidate}, o.Versions...), "run"
		}, nil, ""},
		"20 days, with a candidate that nobody works on": {func(o *lifecycle.Observed) {
			expire(o, 20)
			o.Versions = append([]lifecycle.Version{candidate}, o.Versions...)
		}, []string{"expiring"}, "in 20 days"},
		"6 days, with a successor": {func(o *lifecycle.Observed) {
			expire(o, 6)
			o.Versions, o.Retrain = append([]lifecycle.Version{candidate}, o.Versions...), "run"
		}, []string{"expiring"}, "in 6 days"},
		"fallen back": {func(o *lifecycle.Observed) { expire(o, -2) }, []string{"expired"}, "silently fallen back"},
		"changed by hand": {func(o *lifecycle.Observed) {
			o.Serving = &lifecycle.Model{ID: "0a1b2c3d4e", DisplayName: "other"}
		}, []string{"changed"}, "it serves other, not v1"},
		"deployed a moment ago": {func(o *lifecycle.Observed) {
			o.Versions, o.Retrain = append([]lifecycle.Version{candidate}, o.Versions...), "run"
			o.Serving = serving(candidate)
		}, nil, ""},
		"the model was deleted":    {func(o *lifecycle.Observed) { o.Serving = nil; o.Versions[0].ExpiresAt = nil }, []string{"missing"}, "deleted or taken away"},
		"the champion was deleted": {func(o *lifecycle.Observed) { gone(o) }, []string{"missing"}, "it serves the bare base model"},
		"the champion was deleted, one before it is there": {func(o *lifecycle.Observed) {
			gone(o, trained("v0", lifecycle.StateRetired, 200, 100))
		}, []string{"missing"}, "it serves the bare base model"},
		"due, and no base model can be trained from": {func(o *lifecycle.Observed) {
			expire(o, 20)
			o.Bases[0].AdaptationEndsAt = lifecycle.Ptr(noon.Add(-aDay))
		}, []string{"expiring", "stuck"}, "v1 expires on"},
		"no base model can be trained from, and nothing is due": {func(o *lifecycle.Observed) {
			o.Bases[0].AdaptationEndsAt = lifecycle.Ptr(noon.Add(-aDay))
		}, nil, ""},
		"the first deployment failed": {func(o *lifecycle.Observed) {
			o.Serving, o.Versions = nil, []lifecycle.Version{trained("v1", lifecycle.StateFailed, 1, 300)}
		}, nil, ""},
		"the champion was deleted, and a base model set": {func(o *lifecycle.Observed) {
			gone(o, trained("v0", lifecycle.StateRetired, 200, 100))
			o.Endpoint.ModelGone, o.Serving = false, &lifecycle.Model{ID: "base-1", DisplayName: "base"}
		}, []string{"changed"}, "it serves base, not the version that was promoted last, which was deleted"},
		"the champion was deleted, and an older version set": {func(o *lifecycle.Observed) {
			older := trained("v0", lifecycle.StateRetired, 200, 200)
			gone(o, older)
			o.Endpoint.ModelGone, o.Serving = false, serving(older)
		}, []string{"changed"}, "it serves v0, not the version"},
		"the only champion was deleted, and a base model set": {func(o *lifecycle.Observed) {
			gone(o)
			o.Endpoint.ModelGone, o.Endpoint.Marked, o.Serving = false, true, &lifecycle.Model{ID: "base-1", DisplayName: "base"}
		}, []string{"changed"}, "it serves base, not the version that was promoted last, which was deleted"},
		"a person made the endpoint on a base model, before the first version": {func(o *lifecycle.Observed) {
			gone(o)
			o.Endpoint.ModelGone, o.Serving = false, &lifecycle.Model{ID: "base-1", DisplayName: "base"}
		}, nil, ""},
		"endpoint and champion were deleted": {func(o *lifecycle.Observed) {
			gone(o, trained("v0", lifecycle.StateRetired, 200, 100))
			o.Endpoint = nil
		}, []string{"endpointGone"}, "and a version that is gone, too, was deployed to it"},
		"a model without endpoint yet": {func(o *lifecycle.Observed) { gone(o); o.Endpoint = nil }, nil, ""},
		"the request names another endpoint, which nobody has made": {func(o *lifecycle.Observed) {
			o.Serving, o.Endpoint, o.ServedAt = nil, nil, []string{`"Old desk" (e0)`}
		}, []string{"endpointGone"}, `endpoint "Desk" of the request does not exist: who calls it gets no answer. v1 serves at endpoint "Old desk" (e0), which`},
		"the endpoint was deleted": {func(o *lifecycle.Observed) { o.Serving, o.Endpoint = nil, nil }, []string{"endpointGone"}, "no longer exists"},
		"an unknown state":         {func(o *lifecycle.Observed) { o.Endpoint.Status = "Suspended" }, []string{"endpointUnknown"}, "in the state Suspended"},
		"two at once": {func(o *lifecycle.Observed) {
			expire(o, 25)
			o.Endpoint.Status = "Failed"
		}, []string{"endpointUnknown", "expiring"}, "Failed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := calm()
			tt.change(&o)
			alarms, mark := lifecycle.Alarms(o, heard(), "")
			var kinds []string
			for _, alarm := range alarms {
				kinds = append(kinds, alarm.Kind)
				require.False(t, alarm.Sent)
				require.NotEmpty(t, alarm.Next)
			}
			require.Equal(t, tt.kinds, kinds)
			require.LessOrEqual(t, len(mark), lifecycle.MaxMarkValue)
			if len(alarms) > 0 {
				require.Contains(t, alarms[0].Message, tt.says)
			}
			again, same := lifecycle.Alarms(o, heard(), mark)
			require.Equal(t, mark, same)
			for _, alarm := range again {
				require.True(t, alarm.Sent, "each is sent once")
			}
		})
	}
}

func TestAlarmVersion(t *testing.T) {
	t.Parallel()
	o := calm()
	o.Versions = append([]lifecycle.Version{trained("v2", lifecycle.StateRejected, 1, 300)}, o.Versions...)
	require.Equal(t, "id-v1", lifecycle.AlarmVersion(o))
	o.Serving = &lifecycle.Model{ID: "foreign"}
	require.Equal(t, "id-v2", lifecycle.AlarmVersion(o))
	o.Versions = nil
	require.Empty(t, lifecycle.AlarmVersion(o))
}

// TestEachAlarmOnce: fed with its own mark day by day, whatever comes and goes, a state is sent on the day
// on which it begins and on no other.
func TestEachAlarmOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, mark := calm(), ""
		var before []string
		for range 330 {
			o.Endpoint.Status = rapid.SampledFrom([]string{"Succeeded", "Succeeded", "Failed"}).Draw(t, "status")
			alarms, next := lifecycle.Alarms(o, heard(), mark)
			var keys []string
			for _, alarm := range alarms {
				if alarm.Sent != slices.Contains(before, alarm.Key) {
					t.Fatalf("%s: %+v, the day before %v", o.Now, alarm, before)
				}
				keys = append(keys, alarm.Key)
			}
			before, mark = keys, next
			o.Now = o.Now.Add(aDay)
		}
		if fmt.Sprint(before) == "[]" {
			t.Fatal("an expired model is no alarm")
		}
	})
}

// What no web hook listens to is not remembered: a hook that is added later hears of what stands.
func TestAnAlarmThatNobodyListensToIsNotSent(t *testing.T) {
	t.Parallel()
	o := calm()
	expire(&o, 25)
	for _, events := range [][]lifecycle.Event{nil, {lifecycle.EventFailed, lifecycle.EventApproval}} {
		r := heard()
		r.Notify[0].On = events
		alarms, mark := lifecycle.Alarms(o, r, "")
		require.Len(t, alarms, 1)
		require.Empty(t, mark)
		_, mark = lifecycle.Alarms(o, r, "expiring-30-2026-06-26")
		require.Equal(t, "expiring-30-2026-06-26", mark, "what was sent stays sent when the hook goes")
	}
	_, mark := lifecycle.Alarms(o, heard(), "")
	require.Equal(t, "expiring-30-2026-06-26", mark)
}

// A fault of the data on which a retrain would end is an alarm long before the retrain.
func TestDataAlarms(t *testing.T) {
	t.Parallel()
	r := heard()
	r.Tests = []lifecycle.Test{{}, {Inspect: true}}
	o := calm()
	o.Training = []lifecycle.ObservedData{
		{Label: "words", Kind: "Language"},
		{Label: "calls", Fault: "the worker has no environment variable CALLS_URL"},
		{Label: "local 0123456789ab", Fault: "is not on the service yet: starter uploads it", Upload: true},
	}
	o.Tests = []lifecycle.ObservedData{{Label: "desk", Kind: "Language"}, {Label: "audio", Kind: "AudioFiles"}}
	alarms, mark := lifecycle.Alarms(o, r, "")
	require.Len(t, alarms, 2)
	for _, alarm := range alarms {
		require.Equal(t, lifecycle.AlarmData, alarm.Kind)
		require.Contains(t, alarm.Message, "no retrain can succeed until that is mended; v1 lives until ")
		require.Contains(t, alarm.Message, "from then on its endpoint silently serves the bare base model")
		require.Contains(t, alarm.Next, "starter trigger desk")
	}
	require.Contains(t, alarms[0].Message, `data "calls": the worker has no environment variable CALLS_URL`)
	require.Contains(t, alarms[1].Message, `data "desk": is of kind Language: a test needs Acoustic data`)
	again, same := lifecycle.Alarms(o, r, mark)
	require.Equal(t, mark, same)
	require.True(t, again[0].Sent && again[1].Sent, "the key is that of data and fault")
	o.Training[1].Fault = "the worker's variable CALLS_URL does not hold an https URL (http only to this machine)"
	again, _ = lifecycle.Alarms(o, r, mark)
	require.False(t, again[0].Sent, "another fault is another alarm")
	o.Versions, o.Serving, o.Endpoint = nil, nil, nil
	alarms, _ = lifecycle.Alarms(o, r, "")
	require.Contains(t, alarms[0].Message, "no version serves yet")
}

// The mark holds as many whole keys as fit, the most urgent first.
func TestTheMarkOfManyAlarms(t *testing.T) {
	t.Parallel()
	o := calm()
	expire(&o, 25)
	for i := range 40 {
		o.Training = append(o.Training, lifecycle.ObservedData{Label: fmt.Sprint(i), Fault: "gone"})
	}
	alarms, mark := lifecycle.Alarms(o, heard(), "")
	require.Len(t, alarms, 41)
	require.LessOrEqual(t, len(mark), lifecycle.MaxMarkValue)
	require.Regexp(t, `^expiring-30-2026-06-26(; data-[0-9a-f]{8})+$`, mark)
}

// Status shows the expiry of a model whose alarms nobody listens to.
func TestTheAlarmOfARow(t *testing.T) {
	t.Parallel()
	o := calm()
	expire(&o, 25)
	row := lifecycle.Row{Versions: o.Versions, Serving: o.Serving, ObservedAt: o.Now}
	require.Equal(t, "expiring-30-2026-06-26", row.Alarm())
	row.Versions[0].Alarm = "changed-01234567"
	require.Equal(t, "changed-01234567", row.Alarm(), "what the last check has sent")
	row.Versions[0].Alarm = lifecycle.NoAlarm
	row.Versions = append([]lifecycle.Version{trained("v2", lifecycle.StateCandidate, 0, 400)}, row.Versions...)
	row.Versions[0].Run = "test/run"
	require.Empty(t, row.Alarm(), "it has a successor")
}
