package activities

import (
	"context"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// RoomInput is what a run may have to create.
type RoomInput struct {
	Scope
	// Endpoint is the one that was not found; empty when none is to be created.
	Endpoint string     `json:"endpoint,omitempty"`
	Data     []RoomData `json:"data,omitempty"`
}

// RoomData is data of the request that is known by its content; Path is where it stands there.
type RoomData struct {
	Path  string    `json:"path"`
	Label string    `json:"label"`
	Found DataFound `json:"found"`
}

// CheckRoom refuses a run whose creates would not fit into the quotas of the resource (Endpoints_List, Datasets_List).
// Before it refuses it looks for itself: what somebody has just deleted to make room must count.
func (a *Activities) CheckRoom(ctx context.Context, in RoomInput) error {
	ctx, err := a.begin(ctx, in.Scope)
	if err != nil {
		return err
	}
	return a.checkRoom(ctx, in)
}

func (a *Activities) checkRoom(ctx context.Context, in RoomInput) error {
	var kinds []speech.Kind
	if in.Endpoint != "" {
		kinds = append(kinds, speech.KindEndpoint)
	}
	if len(in.Data) > 0 {
		kinds = append(kinds, speech.KindDataset)
	}
	if len(kinds) == 0 {
		return nil
	}
	about := subject{class: lifecycle.InvalidRequest, object: "Speech resource " + a.speech.Resource(), next: "start the run again"}
	room := lifecycle.Room{Endpoints: lifecycle.Stock{Quota: a.endpointQuota}, Datasets: lifecycle.Stock{Quota: a.datasetQuota}}
	l, err := a.lookOnly(ctx, kinds...)
	if err != nil {
		return classify(err, about)
	}
	room.Endpoints.Have, room.Datasets.Have = len(l.endpoints), len(l.datasets)
	needs := a.needs(in, l)
	if lifecycle.RefuseForRoom(room, needs, a.speech.Resource()) == nil {
		return nil
	}
	if l, err = a.lookNow(ctx, speech.KindEndpoint, speech.KindDataset); err != nil {
		return classify(err, about)
	}
	datasets, _, err := a.speech.ListDatasets(ctx, speech.Filter{})
	if err != nil {
		return classify(err, about)
	}
	room.Endpoints.Have, room.Datasets.Have = len(l.endpoints), len(datasets)
	if f := lifecycle.RefuseForRoom(room, a.needs(in, l), a.speech.Resource()); f != nil {
		return refuse(*f)
	}
	return nil
}

// needs finds out what does not exist yet.
func (a *Activities) needs(in RoomInput, l *listing) lifecycle.Needs {
	var needs lifecycle.Needs
	if in.Endpoint != "" && len(l.endpointsNamed(in.Endpoint)) == 0 {
		needs.Endpoint = in.Endpoint
	}
	for _, d := range in.Data {
		if len(a.holding(l.datasets, d.Found)) == 0 {
			needs.Datasets = append(needs.Datasets, lifecycle.NeededData{Path: d.Path, Label: d.Label})
		}
	}
	return needs
}

// roomOf is what a listing of the whole resource shows.
func (a *Activities) roomOf(l *listing) lifecycle.Room {
	return lifecycle.Room{
		Endpoints: lifecycle.Stock{Have: len(l.endpoints), Quota: a.endpointQuota},
		Datasets:  lifecycle.Stock{Have: len(l.datasets), Quota: a.datasetQuota},
	}
}
