package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Stock is how many objects of a kind a Speech resource has and may have.
type Stock struct {
	// Have is at least this many: lists may not show the newest yet.
	Have int `json:"have"`
	// Quota is as the worker is told; 0 = not known, and nothing is refused.
	Quota int `json:"quota"`
}

// Room is what the resource has of the kinds with a quota.
type Room struct {
	Endpoints Stock `json:"endpoints"`
	Datasets  Stock `json:"datasets"`
}

// Needs is what a run would have to create; what exists already needs no room.
type Needs struct {
	// Endpoint is the name of the endpoint; empty when there is none to create.
	Endpoint string
	// Datasets are by the name of the data, in the order of the request.
	Datasets []NeededData
}

// NeededData is data of a request that is no dataset yet; Path is where it stands there ("training[0]").
type NeededData struct{ Path, Label string }

// RefuseForRoom is the refusal of a run whose creates would not fit into the quotas of the resource, before anything is
// created or paid for: a training whose endpoint cannot be made serves nobody. Nil when all fits.
func RefuseForRoom(room Room, needs Needs, resource string) *Failure {
	f := Failure{Type: InvalidRequest, Object: Ptr("Speech resource " + resource)}
	var advice []string
	if needs.Endpoint != "" && room.Endpoints.lacks(1) {
		f.Problems = append(f.Problems, Problem{Path: "deploy.endpoint", Message: fmt.Sprintf(
			"endpoint %q would have to be created, and the Speech resource has %s", needs.Endpoint, room.Endpoints.of("endpoints"))})
		advice = append(advice, "delete an endpoint that nobody needs, or name an existing one in deploy.endpoint; if the resource may have more "+
			"endpoints, set SPEECH_ENDPOINT_QUOTA of the worker")
	}
	if n := len(needs.Datasets); n > 0 && room.Datasets.lacks(n) {
		var labels []string
		for _, d := range needs.Datasets {
			labels = append(labels, d.Label)
		}
		what := "a dataset would"
		if n > 1 {
			what = fmt.Sprintf("%d datasets would", n)
		}
		f.Problems = append(f.Problems, Problem{Path: needs.Datasets[0].Path, Message: fmt.Sprintf(
			"%s have to be created (%s), and the Speech resource has %s", what, strings.Join(labels, ", "), room.Datasets.of("datasets"))})
		advice = append(advice, "delete datasets that nothing uses (starter data list --unused shows them); if the resource may have more datasets, "+
			"set SPEECH_DATASET_QUOTA of the worker")
	}
	if len(f.Problems) == 0 {
		return nil
	}
	var lines []string
	for _, p := range f.Problems {
		lines = append(lines, p.Message)
	}
	f.Message = "there is no room: " + strings.Join(lines, "; ")
	f.Next = Ptr(strings.Join(advice, "; ") + ", " + StartAgain)
	return &f
}

func (s Stock) lacks(n int) bool { return s.Quota > 0 && s.Have+n > s.Quota }

func (s Stock) of(kind string) string {
	return fmt.Sprintf("at least %d of the %d %s that it may have", s.Have, s.Quota, kind)
}

// needsOf is what a retrain of the request would create, as it was observed.
func needsOf(request Request, o Observed) Needs {
	var needs Needs
	if request.Deploy != nil && o.Endpoint == nil {
		needs.Endpoint = request.Deploy.Endpoint
	}
	for i, d := range slices.Concat(o.Training, o.Tests) {
		if d.DatasetID == "" && (d.Fault == "" || d.Upload) {
			needs.Datasets = append(needs.Datasets, NeededData{Path: dataPath(request, i), Label: d.Label})
		}
	}
	return needs
}
