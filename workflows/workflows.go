// Package workflows tells the story of a retrain, top-down and deterministic: what happens in which
// order, what is waited for, and what a run reports. Effects are activities, decisions are lifecycle's.
package workflows

import (
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/lifecycle"
)

// Names that operators type and other programs rely on (the contract's "Workflows").
const (
	TypeRetrain      = "Retrain"
	TypeSweep        = "Sweep"
	TypeEvaluate     = "Evaluate"
	TypeRollback     = "Rollback"
	TypeObserve      = "Observe"
	TypePlan         = "Plan"
	TypeRenew        = "Renew"
	TypeAdopt        = "Adopt"
	TypeNotify       = "Notify"
	QueryStatus      = lifecycle.QueryStatus
	DefaultTaskQueue = "speech-retrainer"
)

// RetrainID is the workflow ID that the retrain of a model must have.
func RetrainID(name string) string { return lifecycle.RetrainID(name) }

// SweepID is the workflow ID under which a model is swept.
func SweepID(name string) string { return "sweep/" + name }

// EvaluateID is the workflow ID under which a version of a model is tested later.
func EvaluateID(name string) string { return lifecycle.EvaluateID(name) }

// RollbackID is the workflow ID under which a model is rolled back.
func RollbackID(name string) string { return "rollback/" + name }

// AdoptID is the workflow ID under which a version made in the portal is taken over.
func AdoptID(name string) string { return "adopt/" + name }

// ScheduleID is the ID of the schedule that fires the renewals of a model.
func ScheduleID(name string) string { return lifecycle.ScheduleID(name) }

// The inputs of the workflows. A request is raw JSON of its own.
type (
	RollbackInput = decode.RollbackInput
	AdoptInput    = decode.AdoptInput
	ObserveInput  = decode.ObserveInput
	SweepInput    = decode.SweepInput
	EvaluateInput = decode.EvaluateInput
	NotifyInput   = decode.NotifyInput
)

// SearchAttribute is one attribute by which runs can be found.
type SearchAttribute struct {
	Name string
	Type enumspb.IndexedValueType
}

// SearchAttributes lists what the worker registers with the namespace.
var SearchAttributes = []SearchAttribute{
	{AttributeModel.GetName(), enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	{AttributeLocale.GetName(), enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	{AttributeStage.GetName(), enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	{attributeOutcome.GetName(), enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	{AttributeAlarm.GetName(), enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	{attributeExpiry.GetName(), enumspb.INDEXED_VALUE_TYPE_DATETIME},
}

// The search attributes that are read where runs are listed: which model a run is about, how far a retrain is, and whether a
// check has found something. Temporal tells them where the server knows them.
var (
	AttributeModel  = temporal.NewSearchAttributeKeyKeyword("SpeechModel")
	AttributeLocale = temporal.NewSearchAttributeKeyKeyword("SpeechLocale")
	AttributeStage  = temporal.NewSearchAttributeKeyKeyword("SpeechStage")
	AttributeAlarm  = temporal.NewSearchAttributeKeyKeyword("SpeechAlarm")
)

var (
	attributeOutcome = temporal.NewSearchAttributeKeyKeyword("SpeechOutcome")
	attributeExpiry  = temporal.NewSearchAttributeKeyTime("SpeechExpiry")
)

// Options are what workflows need to know of the worker that runs them.
type Options struct {
	// SearchAttributes tells whether the namespace knows our attributes. The answer is recorded once per
	// run: setting an unknown attribute would fail the run's tasks for ever.
	SearchAttributes func() bool
}

// Workflows are the workflow functions of one worker.
type Workflows struct{ options Options }
