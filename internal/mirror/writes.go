package mirror

import (
	"context"
	"time"

	"speech-retrainer/internal/speech"
)

// What follows is the client's own, with what it learns put into the listing: what was written as of its answer, what
// was read as of its request.

func (s *store[T]) wrote(v T, meta speech.Meta, err error) (T, speech.Meta, error) {
	if err == nil {
		s.put(time.Now(), v)
	}
	return v, meta, err
}

func (s *store[T]) deleted(id string, meta speech.Meta, err error) (speech.Meta, error) {
	if err == nil {
		s.drop(time.Now(), speech.CanonicalID(id))
	}
	return meta, err
}

func (s *store[T]) one(ctx context.Context, id string) (T, speech.Meta, error) {
	sent := time.Now()
	v, meta, err := s.get(ctx, id)
	if err == nil {
		s.put(sent, v)
	}
	return v, meta, err
}

// CreateModel is that of the client.
func (l *Mirror) CreateModel(ctx context.Context, m speech.NewModel) (speech.CustomModel, speech.Meta, error) {
	return l.models.wrote(l.Client.CreateModel(ctx, m))
}

// GetModel is that of the client.
func (l *Mirror) GetModel(ctx context.Context, id string) (speech.CustomModel, speech.Meta, error) {
	return l.models.one(ctx, id)
}

// UpdateModel is that of the client.
func (l *Mirror) UpdateModel(ctx context.Context, id string, u speech.ModelUpdate) (speech.CustomModel, speech.Meta, error) {
	return l.models.wrote(l.Client.UpdateModel(ctx, id, u))
}

// DeleteModel is that of the client.
func (l *Mirror) DeleteModel(ctx context.Context, id string) (speech.Meta, error) {
	meta, err := l.Client.DeleteModel(ctx, id)
	return l.models.deleted(id, meta, err)
}

// CreateEvaluation is that of the client.
func (l *Mirror) CreateEvaluation(ctx context.Context, e speech.NewEvaluation) (speech.Evaluation, speech.Meta, error) {
	return l.evaluations.wrote(l.Client.CreateEvaluation(ctx, e))
}

// GetEvaluation is that of the client.
func (l *Mirror) GetEvaluation(ctx context.Context, id string) (speech.Evaluation, speech.Meta, error) {
	return l.evaluations.one(ctx, id)
}

// DeleteEvaluation is that of the client.
func (l *Mirror) DeleteEvaluation(ctx context.Context, id string) (speech.Meta, error) {
	meta, err := l.Client.DeleteEvaluation(ctx, id)
	return l.evaluations.deleted(id, meta, err)
}

// CreateDataset is that of the client.
func (l *Mirror) CreateDataset(ctx context.Context, d speech.NewDataset) (speech.Dataset, speech.Meta, error) {
	return l.datasets.wrote(l.Client.CreateDataset(ctx, d))
}

// GetDataset is that of the client.
func (l *Mirror) GetDataset(ctx context.Context, id string) (speech.Dataset, speech.Meta, error) {
	return l.datasets.one(ctx, id)
}

// UpdateDataset is that of the client.
func (l *Mirror) UpdateDataset(ctx context.Context, id string, u speech.DatasetUpdate) (speech.Dataset, speech.Meta, error) {
	return l.datasets.wrote(l.Client.UpdateDataset(ctx, id, u))
}

// DeleteDataset is that of the client.
func (l *Mirror) DeleteDataset(ctx context.Context, id string) (speech.Meta, error) {
	meta, err := l.Client.DeleteDataset(ctx, id)
	return l.datasets.deleted(id, meta, err)
}

// CreateEndpoint is that of the client.
func (l *Mirror) CreateEndpoint(ctx context.Context, e speech.NewEndpoint) (speech.Endpoint, speech.Meta, error) {
	return l.endpoints.wrote(l.Client.CreateEndpoint(ctx, e))
}

// GetEndpoint is that of the client.
func (l *Mirror) GetEndpoint(ctx context.Context, id string) (speech.Endpoint, speech.Meta, error) {
	return l.endpoints.one(ctx, id)
}

// UpdateEndpoint is that of the client.
func (l *Mirror) UpdateEndpoint(ctx context.Context, id string, u speech.EndpointUpdate) (speech.Endpoint, speech.Meta, error) {
	return l.endpoints.wrote(l.Client.UpdateEndpoint(ctx, id, u))
}

// DeleteEndpoint is that of the client.
func (l *Mirror) DeleteEndpoint(ctx context.Context, id string) (speech.Meta, error) {
	meta, err := l.Client.DeleteEndpoint(ctx, id)
	return l.endpoints.deleted(id, meta, err)
}

// CreateProject is that of the client.
func (l *Mirror) CreateProject(ctx context.Context, p speech.NewProject) (speech.Project, speech.Meta, error) {
	return l.projects.wrote(l.Client.CreateProject(ctx, p))
}

// GetProject is that of the client.
func (l *Mirror) GetProject(ctx context.Context, id string) (speech.Project, speech.Meta, error) {
	return l.projects.one(ctx, id)
}

// DeleteProject is that of the client.
func (l *Mirror) DeleteProject(ctx context.Context, id string) (speech.Meta, error) {
	meta, err := l.Client.DeleteProject(ctx, id)
	return l.projects.deleted(id, meta, err)
}
