package speech

import (
	"context"
	"encoding/json"
	"strconv"
)

// Evaluation is a test of two models on one dataset (schema Evaluation).
type Evaluation struct {
	Object
	Model1     *Ref                 `json:"model1,omitempty"`
	Model2     *Ref                 `json:"model2,omitempty"`
	Dataset    *Ref                 `json:"dataset,omitempty"`
	Project    *Ref                 `json:"project,omitempty"`
	Properties EvaluationProperties `json:"properties"`
}

// Number is a measurement. It may be NaN or infinite, which JSON writes as text, and is -1 until the
// evaluation has succeeded: check it before it counts.
type Number float64

// UnmarshalJSON reads a number, or the text forms of NaN and infinity.
func (n *Number) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil && text != "" {
		f, err := strconv.ParseFloat(text, 64)
		*n = Number(f)
		return err
	}
	return json.Unmarshal(data, (*float64)(n))
}

// EvaluationProperties are the measurements of both models: rates are fractions, not percent; a field
// is nil when the service leaves it out.
type EvaluationProperties struct {
	WordErrorRate1         *Number `json:"wordErrorRate1,omitempty"`
	SentenceErrorRate1     *Number `json:"sentenceErrorRate1,omitempty"`
	TokenErrorRate1        *Number `json:"tokenErrorRate1,omitempty"`
	SentenceCount1         *int    `json:"sentenceCount1,omitempty"`
	WordCount1             *int    `json:"wordCount1,omitempty"`
	CorrectWordCount1      *int    `json:"correctWordCount1,omitempty"`
	WordSubstitutionCount1 *int    `json:"wordSubstitutionCount1,omitempty"`
	WordDeletionCount1     *int    `json:"wordDeletionCount1,omitempty"`
	WordInsertionCount1    *int    `json:"wordInsertionCount1,omitempty"`

	WordErrorRate2         *Number `json:"wordErrorRate2,omitempty"`
	SentenceErrorRate2     *Number `json:"sentenceErrorRate2,omitempty"`
	TokenErrorRate2        *Number `json:"tokenErrorRate2,omitempty"`
	SentenceCount2         *int    `json:"sentenceCount2,omitempty"`
	WordCount2             *int    `json:"wordCount2,omitempty"`
	CorrectWordCount2      *int    `json:"correctWordCount2,omitempty"`
	WordSubstitutionCount2 *int    `json:"wordSubstitutionCount2,omitempty"`
	WordDeletionCount2     *int    `json:"wordDeletionCount2,omitempty"`
	WordInsertionCount2    *int    `json:"wordInsertionCount2,omitempty"`

	// Error is why the evaluation failed; nil unless it did.
	Error *EntityError `json:"error,omitempty"`
}

// NewEvaluation is the body of a create. To measure one model give it twice (document
// "how-to-custom-speech-evaluate-data").
type NewEvaluation struct {
	DisplayName      string            `json:"displayName"`
	Description      string            `json:"description,omitempty"`
	Locale           string            `json:"locale"`
	Model1           Ref               `json:"model1"`
	Model2           Ref               `json:"model2"`
	Dataset          Ref               `json:"dataset"`
	Project          *Ref              `json:"project,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
}

// ListEvaluations lists evaluations (Evaluations_List).
func (c *Client) ListEvaluations(ctx context.Context, f Filter) ([]Evaluation, Meta, error) {
	return list[Evaluation](ctx, c, KindEvaluation, f)
}

// CreateEvaluation starts an evaluation (Evaluations_Create). It is not idempotent: look before calling it.
func (c *Client) CreateEvaluation(ctx context.Context, e NewEvaluation) (Evaluation, Meta, error) {
	e.Project = c.project(e.Project)
	return create[Evaluation](ctx, c, KindEvaluation, e.DisplayName, e)
}

// GetEvaluation reads one evaluation (Evaluations_Get).
func (c *Client) GetEvaluation(ctx context.Context, id string) (Evaluation, Meta, error) {
	return get[Evaluation](ctx, c, KindEvaluation, id)
}

// DeleteEvaluation deletes an evaluation (Evaluations_Delete). One that does not exist is no error.
func (c *Client) DeleteEvaluation(ctx context.Context, id string) (Meta, error) {
	return c.remove(ctx, KindEvaluation, id)
}
