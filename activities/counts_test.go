package activities_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/speech"
)

// retrain runs the activities of a retrain of one model, without tests and endpoint, and returns the version.
func (b *bundle) retrain(model, dataset string) string {
	b.t.Helper()
	s := scope()
	s.Model = model
	do := func(activity, input, result any) {
		b.t.Helper()
		require.NoError(b.t, b.run(activity, input, result))
	}
	do(b.doing.CheckService, s, nil)
	do(b.doing.SweepPass, activities.SweepInput{Scope: s, Heal: &activities.HealInput{Deploy: lifecycle.Duration(time.Hour)}}, nil)
	var champion activities.ChampionResult
	do(b.doing.FindChampion, activities.ChampionInput{Scope: s, Fallback: true}, &champion)
	require.Nil(b.t, champion.Champion)
	var data activities.DataFound
	do(b.doing.FindData, activities.DataInput{Scope: s, Path: "training[0]", Data: lifecycle.Data{Name: "text", Dataset: dataset, Kind: "Language"}}, &data)
	require.NotNil(b.t, data.Ready, "nothing has to be waited for")
	var base activities.BaseResult
	do(b.doing.ChooseBase, activities.BaseInput{
		Scope: s, Spec: lifecycle.BaseSpec{Choose: lifecycle.Latest}, Kinds: []lifecycle.DatasetKind{data.Kind},
	}, &base)
	in := activities.VersionInput{
		Scope: s, DisplayName: lifecycle.RunDisplayName(model, time.Now(), s.Run, lifecycle.StepTrain),
		BaseID: base.Report.ID, DatasetIDs: []string{data.ID}, Input: "0123456789abcdef",
	}
	var created, trained activities.VersionResult
	do(b.doing.CreateVersion, in, &created)
	b.advance(time.Hour)
	do(b.doing.AwaitVersion, activities.AwaitVersionInput{VersionInput: in, ID: created.Report.ID}, &trained)
	require.Equal(b.t, created.Report.ID, trained.Report.ID)
	do(b.doing.PromoteVersion, activities.PromoteInput{Scope: s, ID: trained.Report.ID, Former: lifecycle.StateRetired}, nil)
	do(b.doing.RetireVersions, activities.RetireInput{Scope: s, Champion: trained.Report.ID}, nil)
	require.Equal(b.t, "champion", b.stateOf(trained.Report.ID))
	return trained.Report.ID
}

// others puts other models beside those of a test, by hand.
func (b *bundle) others(n int) {
	b.t.Helper()
	hand, err := speech.New(speech.Config{Access: resource.Access{Endpoint: b.url, Key: "by hand"}, NoQuota: true})
	require.NoError(b.t, err)
	base, data := b.base("en-US"), hand.Ref(speech.KindDataset, b.shared("en-US"))
	for i := range n {
		_, _, err := hand.CreateModel(b.t.Context(), speech.NewModel{
			DisplayName: fmt.Sprintf("other %d", i), Locale: "en-US", BaseModel: &base, Datasets: []speech.Ref{data},
			CustomProperties: map[string]string{lifecycle.MarkOwner: "ours", lifecycle.MarkModel: fmt.Sprintf("other-%d", i), lifecycle.MarkState: "champion"},
		})
		require.NoError(b.t, err)
	}
	b.advance(time.Hour)
}

// What a retrain asks of the service, once the resource was listed, however much is there: its POST, its PATCH, and a few
// looks that it shares with all others.
func TestARetrainOnAListingCostsFewRequests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.others(300)
	dataset := "text of en-US"
	b.remember()
	b.retrain("first", dataset)

	before := len(b.service.Requests())
	b.retrain("second", dataset)
	count, looks := map[string]int{}, []string{}
	for _, e := range b.service.Requests()[before:] {
		count[e.Method]++
		if e.Method == http.MethodGet {
			looks = append(looks, e.Path+"?"+e.Query)
		}
	}
	require.Equal(t, 1, count[http.MethodPost], "the training")
	require.Equal(t, 1, count[http.MethodPatch], "the champion's mark")
	require.LessOrEqual(t, len(looks), 6, strings.Join(looks, "\n"))
	require.Len(t, count, 3, "%v", count)
	for _, look := range looks {
		require.Contains(t, look, "filter=", "nothing is read whole, or by itself")
	}
}

// What this worker has written is in its next look without a request.
func TestOwnWritesAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, unlisted)
	in := b.training(scope(), "desk")
	b.remember()
	var created activities.VersionResult
	require.NoError(t, b.run(b.doing.CreateVersion, in, &created))
	require.Equal(t, []string{"POST models"}, b.asked())

	versions := func() []lifecycle.Version {
		t.Helper()
		var seen activities.ModelObserved
		request := lifecycle.DefaultRequest()
		request.Name, request.Locale = "desk", "en-US"
		require.NoError(t, b.run(b.doing.ObserveModel, activities.ObserveModelInput{Scope: scope(), Request: request}, &seen))
		return seen.Versions
	}
	seen := versions()
	for _, a := range b.asked() {
		require.Equal(t, "GET models/base", a, "the bases, once")
	}
	require.Len(t, seen, 1)
	require.Equal(t, created.Report.ID, seen[0].ID)
	require.Equal(t, lifecycle.StateCandidate, seen[0].State)

	require.NoError(t, b.run(b.doing.CreateVersion, in, &created))
	require.Equal(t, seen[0].ID, created.Report.ID, "no second one")
	require.Empty(t, b.asked())

	b.advance(2 * time.Hour)
	require.NoError(t, b.run(b.doing.MarkVersion, activities.MarkInput{Scope: scope(), ID: created.Report.ID, State: lifecycle.StateRejected}, nil))
	require.Equal(t, lifecycle.StateRejected, versions()[0].State)
	require.Empty(t, b.asked())
}
