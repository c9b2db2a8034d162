package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"speech-retrainer/internal/lifecycle"
)

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
			o.Versions, o.Retrain = append([]lifecycle.ObservedVersion{candidate}, o.Versions...), "run"
		}, nil, ""},
		"20 days, with a candidate that nobody works on": {func(o *lifecycle.Observed) {
			expire(o, 20)
			o.Versions = append([]lifecycle.ObservedVersion{candidate}, o.Versions...)
		}, []string{"expiring"}, "in 20 days"},
		"6 days, with a successor": {func(o *lifecycle.Observed) {
			expire(o, 6)
			o.Versions, o.Retrain = append([]lifecycle.ObservedVersion{candidate}, o.Versions...), "run"
		}, []string{"expiring"}, "in 6 days"},
		"fallen back": {func(o *lifecycle.Observed) { expire(o, -2) }, []string{"expired"}, "silently fallen back"},
		"changed by hand": {func(o *lifecycle.Observed) {
			o.Serving = &lifecycle.Model{ID: "0a1b2c3d4e", DisplayName: "other"}
		}, []string{"changed"}, "it serves other, not v1"},
		"deployed a moment ago": {func(o *lifecycle.Observed) {
			o.Versions, o.Retrain = append([]lifecycle.ObservedVersion{candidate}, o.Versions...), "run"
			o.Serving = serving(candidate)
		}, nil, ""},
		"the model was deleted":    {func(o *lifecycle.Observed) { o.Serving = nil; o.Versions[0].ExpiresAt = nil }, []string{"missing"}, "deleted or taken away"},
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
			alarms, mark := lifecycle.Alarms(o, desk(), "")
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
			again, same := lifecycle.Alarms(o, desk(), mark)
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
	o.Versions = append([]lifecycle.ObservedVersion{trained("v2", lifecycle.StateRejected, 1, 300)}, o.Versions...)
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
			alarms, next := lifecycle.Alarms(o, desk(), mark)
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
