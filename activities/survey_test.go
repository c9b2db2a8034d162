package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// asked for in a survey: text by reference, and a test on audio.
func surveyed(b *bundle, change func(*lifecycle.Request)) (activities.Surveyed, error) {
	b.t.Helper()
	r := lifecycle.DefaultRequest()
	r.Name, r.Locale = "desk", "en-US"
	b.shared("en-US")
	r.Training = []lifecycle.Data{{Dataset: "text of en-US"}}
	r.Tests = []lifecycle.Test{{Data: lifecycle.Data{Dataset: b.audio("en-US")}}}
	if change != nil {
		change(&r)
	}
	var seen activities.Surveyed
	s := scope()
	_, s.Run = lifecycle.SplitRun(s.Run)
	err := b.run(b.doing.Survey, activities.SurveyInput{Scope: s, Request: r}, &seen)
	return seen, err
}

// One activity tells all that a run has to know, and clears away what an earlier run has left.
func TestSurvey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	serves := b.version("serves", made{marks: ours("sr.state", "champion")})
	b.endpoint("Desk", made{serves: serves})
	left := b.version("left", made{marks: candidate(run("canceled"))})
	b.runs.states = map[string]lifecycle.RunState{"canceled": lifecycle.RunCanceled}
	b.advance(time.Hour)
	seen, err := surveyed(b, func(r *lifecycle.Request) { r.Deploy = &lifecycle.Deploy{Endpoint: "Desk"} })
	require.NoError(t, err)
	require.NotEmpty(t, seen.Service.Resource)
	require.Equal(t, []string{left}, idsOf(seen.Swept.Deleted))
	require.Equal(t, serves, seen.Champion.Champion.ID)
	require.Len(t, seen.Data, 2)
	require.Equal(t, []lifecycle.DatasetKind{"Language", "Acoustic"}, []lifecycle.DatasetKind{seen.Data[0].Kind, seen.Data[1].Kind})
	require.NotNil(t, seen.Data[0].Ready, "it is imported: nothing has to be waited for")
	require.Nil(t, seen.Room)
	require.Nil(t, seen.BaseFault)
	require.NotEmpty(t, seen.Base.Report.ID)
}

// What it refuses for want of room or of a base model it tells beside all else: what is wrong with the request comes first.
func TestASurveyTellsWhatItRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.endpoint("of somebody", made{})
	b.remember(func(o *activities.Options) { o.EndpointQuota = 1 })
	seen, err := surveyed(b, func(r *lifecycle.Request) {
		r.Deploy, r.BaseModel.MinAge = &lifecycle.Deploy{Endpoint: "Desk"}, lifecycle.Duration(100*365*24*time.Hour)
	})
	require.NoError(t, err)
	require.Equal(t, lifecycle.InvalidRequest, seen.Room.Type)
	require.Contains(t, seen.Room.Message, "endpoints")
	require.Nil(t, seen.Base)
	require.Equal(t, lifecycle.NoUsableBaseModel, seen.BaseFault.Type)
	require.NotEmpty(t, seen.BaseFault.Refused)
}

// Of several data that cannot be used the first of the request is told.
func TestASurveyOfDataThatIsMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen, err := surveyed(b, func(r *lifecycle.Request) {
		r.Training = append(r.Training, lifecycle.Data{Dataset: "nobody"})
		r.Tests[0].Data = lifecycle.Data{Dataset: "nobody either"}
	})
	require.NoError(t, err)
	require.Equal(t, "training[1]", seen.DataFault.Problems[0].Path)
	require.NotEmpty(t, seen.Service.Resource, "what serves is known all the same: people are told until when")
}
