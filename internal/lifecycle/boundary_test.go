package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// The next check that Due names is the moment at which the model is due, not the one before it: a check that comes
// exactly then must not wait for another.
func TestDueAtTheLeadItself(t *testing.T) {
	t.Parallel()
	request := desk()
	request.Renew.Before = lifecycle.Duration(60 * aDay)
	// Nothing but the expiry is asked about.
	request.Renew.OnNewBaseModel, request.Renew.OnDataChange = false, false
	for _, tt := range []struct {
		left time.Duration
		due  bool
	}{{60*aDay + time.Second, false}, {60 * aDay, true}, {60*aDay - time.Second, true}} {
		o := calm()
		at := noon.Add(tt.left)
		created := at.Add(-330 * aDay)
		o.Versions[0].CreatedAt, o.Versions[0].ExpiresAt, o.Serving.ExpiresAt = &created, &at, &at
		require.Equal(t, tt.due, lifecycle.Due(o, request).Due, "%s left", tt.left)
	}
}

// A strict test holds the limit against the interval of what it limits: the improvement is base - challenger, and
// its interval is not that of challenger - base.
func TestStrictImprovement(t *testing.T) {
	t.Parallel()
	judge := func(base, challenger, words int64, limit float64) lifecycle.Judgment {
		of := measured(base, words)
		return lifecycle.Judge(lifecycle.Test{MinImprovementOverBase: &limit, Strict: true}, lifecycle.Measured{Challenger: measured(challenger, words), Base: &of})
	}
	unsure := judge(150, 90, 1000, 0.05)
	require.Equal(t, lifecycle.Inconclusive, unsure.Verdict)
	require.Equal(t, "9.0 % against 15.0 % of the bare base model: +6.0 points better, at least +5.0 points asked for; "+
		"but the 95 % interval +3.2 to +8.9 points crosses the limit (strict)", unsure.Reason)
	require.Equal(t, lifecycle.Pass, judge(3000, 900, 10000, 0.05).Verdict, "21 points better, and sure of it")
	require.Equal(t, lifecycle.Fail, judge(1500, 1490, 10000, 0.05).Verdict, "0.1 points better, and sure of it")
}

func TestRefuseAdoption(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*lifecycle.AdoptFacts)
		says   string
	}{
		"by hand":                 {func(*lifecycle.AdoptFacts) {}, ""},
		"ours, of this model":     {func(v *lifecycle.AdoptFacts) { v.Owner, v.Name = "ours", "desk" }, ""},
		"without a date":          {func(v *lifecycle.AdoptFacts) { v.Model.ExpiresAt = nil }, ""},
		"a base model":            {func(v *lifecycle.AdoptFacts) { v.Model.Custom = false }, "is a base model"},
		"Failed":                  {func(v *lifecycle.AdoptFacts) { v.Model.Status = "Failed" }, "is Failed"},
		"of another locale":       {func(v *lifecycle.AdoptFacts) { v.Model.Locale = "de-DE" }, "is of locale de-DE"},
		"of another installation": {func(v *lifecycle.AdoptFacts) { v.Owner = "theirs" }, "belongs to another installation"},
		"of another model":        {func(v *lifecycle.AdoptFacts) { v.Owner, v.Name = "ours", "other" }, "belongs to the model other"},
		"expired a minute ago":    {func(v *lifecycle.AdoptFacts) { v.Model.ExpiresAt = lifecycle.Ptr(noon.Add(-time.Minute)) }, "expired on 2026-06-01"},
		"expired now":             {func(v *lifecycle.AdoptFacts) { v.Model.ExpiresAt = lifecycle.Ptr(noon) }, "expired on 2026-06-01"},
		"expires in a minute":     {func(v *lifecycle.AdoptFacts) { v.Model.ExpiresAt = lifecycle.Ptr(noon.Add(time.Minute)) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := lifecycle.AdoptFacts{Model: lifecycle.Model{
				ID: "v", Custom: true, Status: "Succeeded", Locale: "en-US", ExpiresAt: lifecycle.Ptr(noon.Add(300 * aDay)),
			}}
			tt.change(&v)
			fault := lifecycle.RefuseAdoption(v, "desk", "en-US", "ours", noon)
			if tt.says == "" {
				require.Empty(t, fault)
				return
			}
			require.Contains(t, fault, tt.says)
		})
	}
}

// Which data are trained on makes no difference, and what does not tell its region is not warned of.
func TestRegionNote(t *testing.T) {
	t.Parallel()
	for resource, warned := range map[string]bool{
		"westeurope.api.cognitive.microsoft.com": false, "westus3.api.cognitive.microsoft.com": false,
		"germanywestcentral.api.cognitive.microsoft.com": true, "northcentralus.api.cognitive.microsoft.com": true,
		"calls.cognitiveservices.azure.com": false, "127.0.0.1:8090": false,
		"usgovvirginia.api.cognitive.microsoft.us": false, "chinaeast2.api.cognitive.azure.cn": false,
	} {
		note := lifecycle.RegionNote(resource)
		require.Equal(t, warned, note != "", "%s: %s", resource, note)
		require.NotContains(t, note, "audio")
	}
}

// Who named an endpoint by its ID must name another: a retrain cannot make one with that ID, and a plan says so.
func TestAnEndpointOfAnIDThatIsGone(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	o.Endpoint, o.Serving = nil, nil
	alarms, _ := lifecycle.Alarms(o, r, "")
	require.Contains(t, alarms[0].Next, "let a retrain create one")
	require.Equal(t, `endpoint "Desk" would be created`, *lifecycle.NewPlan(r, lifecycle.Planned{Observed: o}).Endpoint)
	o.EndpointFault = lifecycle.NoSuchEndpoint("0ddba11a-5f8f-4dc2-9f5b-5a8b3e7b6a41")
	alarms, _ = lifecycle.Alarms(o, r, "")
	require.Contains(t, alarms[0].Next, "until then each retrain is refused")
	require.Equal(t, o.EndpointFault, lifecycle.NewPlan(r, lifecycle.Planned{Observed: o}).Error.Message)
}
