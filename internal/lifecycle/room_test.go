package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

func TestRefuseForRoom(t *testing.T) {
	t.Parallel()
	data := func(labels ...string) (d []lifecycle.NeededData) {
		for _, l := range labels {
			d = append(d, lifecycle.NeededData{Path: "of " + l, Label: l})
		}
		return d
	}
	type stock = lifecycle.Stock
	for name, tt := range map[string]struct {
		endpoints, datasets lifecycle.Stock
		needs               lifecycle.Needs
		message             string
		paths, next         []string
	}{
		"nothing to create, all full": {endpoints: stock{50, 50}, datasets: stock{500, 500}},
		"the last endpoint":           {endpoints: stock{49, 50}, needs: lifecycle.Needs{Endpoint: "desk"}},
		"one endpoint too many": {
			endpoints: stock{50, 50}, needs: lifecycle.Needs{Endpoint: "desk"}, paths: []string{"deploy.endpoint"},
			message: `there is no room: endpoint "desk" would have to be created, and the Speech resource has at least 50 of the 50 endpoints that it may have`,
			next:    []string{"delete an endpoint that nobody needs", "name an existing one in deploy.endpoint", "SPEECH_ENDPOINT_QUOTA", ", then start the run again"},
		},
		"more than the quota says": {
			endpoints: stock{60, 50}, needs: lifecycle.Needs{Endpoint: "desk"}, paths: []string{"deploy.endpoint"},
			message: `there is no room: endpoint "desk" would have to be created, and the Speech resource has at least 60 of the 50 endpoints that it may have`,
		},
		"no quota is known": {endpoints: stock{60, 0}, datasets: stock{600, 0}, needs: lifecycle.Needs{Endpoint: "desk", Datasets: data("a")}},
		"the last datasets": {datasets: stock{498, 500}, needs: lifecycle.Needs{Datasets: data("a", "b")}},
		"a dataset too many": {
			datasets: stock{500, 500}, needs: lifecycle.Needs{Datasets: data("a")}, paths: []string{"of a"},
			message: "there is no room: a dataset would have to be created (a), and the Speech resource has at least 500 of the 500 datasets that it may have",
			next:    []string{"starter data list --unused", "SPEECH_DATASET_QUOTA"},
		},
		"one of two datasets too many": {
			datasets: stock{499, 500}, needs: lifecycle.Needs{Datasets: data("a", "b")}, paths: []string{"of a"},
			message: "there is no room: 2 datasets would have to be created (a, b), and the Speech resource has at least 499 of the 500 datasets that it may have",
		},
		"neither fits": {
			endpoints: stock{1, 1}, datasets: stock{2, 2}, needs: lifecycle.Needs{Endpoint: "desk", Datasets: data("a")}, paths: []string{"deploy.endpoint", "of a"},
			message: `there is no room: endpoint "desk" would have to be created, and the Speech resource has at least 1 of the 1 endpoints that it may have; ` +
				`a dataset would have to be created (a), and the Speech resource has at least 2 of the 2 datasets that it may have`,
			next: []string{"SPEECH_ENDPOINT_QUOTA", "SPEECH_DATASET_QUOTA"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := lifecycle.RefuseForRoom(lifecycle.Room{Endpoints: tt.endpoints, Datasets: tt.datasets}, tt.needs, "host")
			if tt.message == "" {
				require.Nil(t, f)
				return
			}
			require.NotNil(t, f)
			require.Equal(t, lifecycle.InvalidRequest, f.Type)
			require.Equal(t, tt.message, f.Message)
			require.Equal(t, "Speech resource host", *f.Object)
			require.Nil(t, f.Code)
			var paths []string
			for _, p := range f.Problems {
				paths = append(paths, p.Path)
			}
			require.Equal(t, tt.paths, paths)
			for _, text := range tt.next {
				require.Contains(t, *f.Next, text)
			}
		})
	}
}

// A plan counts what a retrain would create: what is there already, and what cannot be used at all, needs no room.
func TestAPlanTellsThatThereIsNoRoom(t *testing.T) {
	t.Parallel()
	request := lifecycle.Request{Deploy: &lifecycle.Deploy{Endpoint: "desk"}, Training: make([]lifecycle.Data, 2), Tests: make([]lifecycle.Test, 1)}
	observed := lifecycle.Observed{
		Training: []lifecycle.ObservedData{{Label: "new"}, {Label: "there", DatasetID: "1"}},
		Tests:    []lifecycle.ObservedData{{Label: "upload", Upload: true, Fault: "starter uploads it"}},
		Room:     lifecycle.Room{Endpoints: lifecycle.Stock{Have: 1, Quota: 1}, Datasets: lifecycle.Stock{Have: 2, Quota: 3}},
	}
	plan := lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed, Resource: "host"})
	require.NotNil(t, plan.Error)
	require.Contains(t, plan.Error.Message, `endpoint "desk" would have to be created`)
	require.Contains(t, plan.Error.Message, "2 datasets would have to be created (new, upload)")
	require.Equal(t, "training[0]", plan.Error.Problems[1].Path)

	other := &lifecycle.Failure{Type: lifecycle.NoUsableBaseModel, Message: "none"}
	plan = lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed, Problem: other})
	require.Equal(t, other, plan.Error)
	require.Contains(t, plan.Notes[len(plan.Notes)-1], "there is no room")

	observed.Endpoint, observed.Room.Datasets.Have = &lifecycle.ObservedEndpoint{ID: "e"}, 1
	plan = lifecycle.NewPlan(request, lifecycle.Planned{Observed: observed})
	require.Nil(t, plan.Error)
	require.Empty(t, plan.Notes)
}
