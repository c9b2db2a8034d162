package lifecycle

import "time"

// Outcome is how a run ended, or that it goes on.
type Outcome string

// The outcomes of a run.
const (
	Running   Outcome = "running"
	Succeeded Outcome = "succeeded"
	Rejected  Outcome = "rejected"
	Skipped   Outcome = "skipped"
	Failed    Outcome = "failed"
	Canceled  Outcome = "canceled"
)

// Stage is one step of a retrain, in the order of Stages.
type Stage string

// The stages of a retrain.
const (
	StageValidate Stage = "validate"
	StageProject  Stage = "project"
	StageBase     Stage = "base"
	StageData     Stage = "data"
	StageTrain    Stage = "train"
	StageEvaluate Stage = "evaluate"
	StageVerdict  Stage = "verdict"
	StageApproval Stage = "approval"
	StageDeploy   Stage = "deploy"
	StageVerify   Stage = "verify"
	StageRetire   Stage = "retire"
	StageReport   Stage = "report"
)

// Stages lists every stage in order.
var Stages = []Stage{
	StageValidate, StageProject, StageBase, StageData, StageTrain, StageEvaluate,
	StageVerdict, StageApproval, StageDeploy, StageVerify, StageRetire, StageReport,
}

// Report is what a run did, found and decided: the result of Retrain, the answer of its query
// "status", and what the starter prints with --output json. Absent objects are null, absent lists
// are empty, an unknown value is null and never 0 or -1. Times are UTC, rates are fractions. Dates are those of what serves
// as far as the run has got.
type Report struct {
	Name              string          `json:"name"`
	Locale            string          `json:"locale"`
	Outcome           Outcome         `json:"outcome"`
	Stage             *Stage          `json:"stage"`
	WaitingFor        *Waiting        `json:"waitingFor"`
	Stages            []StageRecord   `json:"stages"`
	WorkflowID        *string         `json:"workflowId"`
	RunID             *string         `json:"runId"`
	Resource          *string         `json:"resource"`
	ProjectID         *string         `json:"projectId"`
	BaseModel         *BaseReport     `json:"baseModel"`
	BaseModelsRefused []Refusal       `json:"baseModelsRefused"`
	Datasets          []DatasetReport `json:"datasets"`
	Version           *VersionReport  `json:"version"`
	Champion          *ChampionReport `json:"champion"`
	Dates             *Dates          `json:"dates"`
	Tests             []TestReport    `json:"tests"`
	Inspections       []Inspection    `json:"inspections"`
	Verdict           *Verdict        `json:"verdict"`
	Approval          *ApprovalReport `json:"approval"`
	Endpoint          *EndpointReport `json:"endpoint"`
	Kept              []Disposed      `json:"kept"`
	Deleted           []Disposed      `json:"deleted"`
	Notes             []string        `json:"notes"`
	Error             *Failure        `json:"error"`
	// Trouble is what keeps a run that goes on from getting on. Who prints the report adds it: a workflow leaves it out.
	Trouble []Trouble `json:"trouble,omitzero"`
}

// NewReport returns a running report with every list present.
func NewReport(name, locale string) Report {
	return Report{
		Name: name, Locale: locale, Outcome: Running,
		Stages: []StageRecord{}, BaseModelsRefused: []Refusal{}, Datasets: []DatasetReport{},
		Tests: []TestReport{}, Inspections: []Inspection{}, Kept: []Disposed{}, Deleted: []Disposed{}, Notes: []string{},
	}
}

// StageRecord is one stage that was entered.
type StageRecord struct {
	Name       Stage      `json:"name"`
	StartedAt  time.Time  `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt"`
	// Note says in a few words what the stage came to ("no project", "2 there already").
	Note *string `json:"note"`
}

// BaseReport is the model that was trained from, and why it.
type BaseReport struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	// Family is FamilyWhisper; nil for an ordinary base model, and for a custom model, whose family is not known.
	Family           *string    `json:"family"`
	CreatedAt        *time.Time `json:"createdAt"`
	AdaptationEndsAt *time.Time `json:"adaptationEndsAt"`
	// Charged tells whether training from it is charged; nil when the service did not say.
	Charged *bool  `json:"charged"`
	Reason  string `json:"reason"`
}

// Refusal is a model that was not chosen, and why.
type Refusal struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Reason      string `json:"reason"`
}

// DatasetReport is one data set that the version was trained on or tested with.
type DatasetReport struct {
	ID          string      `json:"id"`
	DisplayName string      `json:"displayName"`
	Kind        DatasetKind `json:"kind"`
	Content     *string     `json:"content"`
	// Created tells whether this run created it.
	Created  bool   `json:"created"`
	Accepted *int64 `json:"accepted"`
	Rejected *int64 `json:"rejected"`
}

// VersionReport is the version that the run trained: the contract's form of a Version, which Version.Report makes.
type VersionReport struct {
	ID          string     `json:"id"`
	URL         string     `json:"url"`
	DisplayName string     `json:"displayName"`
	Status      string     `json:"status"`
	State       State      `json:"state"`
	CreatedAt   *time.Time `json:"createdAt"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	// Taken tells that it was there, and the run has not trained it.
	Taken bool `json:"taken"`
}

// ChampionReport is the version that served before the run.
type ChampionReport struct {
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	ExpiresAt   *time.Time `json:"expiresAt"`
}

// TestReport is one accuracy test with its arithmetic.
type TestReport struct {
	Name          string      `json:"name"`
	DatasetID     string      `json:"datasetId"`
	EvaluationID  *string     `json:"evaluationId"`
	Words         *int64      `json:"words"`
	WordErrorRate *float64    `json:"wordErrorRate"`
	Champion      *float64    `json:"champion"`
	Base          *float64    `json:"base"`
	Difference    *float64    `json:"difference"`
	Interval      *[2]float64 `json:"interval"`
	// Visible is the smallest difference that the test's words can show, and Best the best rate that a champion of the
	// model ever had on this audio, before this run.
	Visible *float64    `json:"visible"`
	Best    *float64    `json:"best"`
	Verdict VerdictKind `json:"verdict"`
	Reason  string      `json:"reason"`
}

// Inspection holds recognition results per file, where the service's detail files could be read.
type Inspection struct {
	Name         string           `json:"name"`
	DatasetID    string           `json:"datasetId"`
	EvaluationID *string          `json:"evaluationId"`
	Files        []InspectionFile `json:"files"`
}

// InspectionFile is what the version recognised in one audio file; Text is nil when the service's
// detail file was not in a form that could be read.
type InspectionFile struct {
	Name string  `json:"name"`
	Text *string `json:"text"`
}

// VerdictKind is the gate's answer.
type VerdictKind string

// The gate's answers.
const (
	Pass         VerdictKind = "pass"
	Inconclusive VerdictKind = "inconclusive"
	Fail         VerdictKind = "fail"
)

// Verdict is the gate's answer for the whole run.
type Verdict struct {
	Result VerdictKind `json:"result"`
	Reason string      `json:"reason"`
}

// EndpointReport is the endpoint and what it served before and serves now.
type EndpointReport struct {
	ID                string  `json:"id"`
	URL               *string `json:"url"`
	PreviousVersionID *string `json:"previousVersionId"`
	VersionID         *string `json:"versionId"`
}

// FailureClass sorts failures by what the operator does about them.
type FailureClass string

// The failure classes.
const (
	InvalidRequest    FailureClass = "InvalidRequest"
	Unauthorized      FailureClass = "Unauthorized"
	NoUsableBaseModel FailureClass = "NoUsableBaseModel"
	DatasetFailed     FailureClass = "DatasetFailed"
	TrainingFailed    FailureClass = "TrainingFailed"
	EvaluationFailed  FailureClass = "EvaluationFailed"
	DeployFailed      FailureClass = "DeployFailed"
	TimedOut          FailureClass = "TimedOut"
	WrongResource     FailureClass = "WrongResource"
	Unavailable       FailureClass = "Unavailable"
	// Internal is a fault of this program; it is no class of the contract and should never be seen.
	Internal FailureClass = "Internal"
)

// FailureClasses lists them all.
var FailureClasses = []FailureClass{
	InvalidRequest, Unauthorized, NoUsableBaseModel, DatasetFailed, TrainingFailed, EvaluationFailed, DeployFailed, TimedOut, WrongResource, Unavailable,
	Internal,
}

// Failure says what failed, on which object, what the service said, and what to do next.
type Failure struct {
	Type FailureClass `json:"type"`
	// Code is the service's own code; nil for our own errors.
	Code    *string `json:"code"`
	Message string  `json:"message"`
	Object  *string `json:"object"`
	Next    *string `json:"next"`
	// Problems lists all that is wrong with a request, by path.
	Problems []Problem `json:"problems"`
	// Refused lists the base models that were refused, for NoUsableBaseModel.
	Refused []Refusal `json:"refused,omitempty"`
	// Ended tells that the service has ended the object as Failed, so that the same run would find it so again. It is no
	// part of a report.
	Ended bool `json:"ended,omitempty"`
}

// Problem is one fault of a request.
type Problem struct {
	// Path is like training[0].kind; empty for the request as a whole.
	Path    string `json:"path"`
	Message string `json:"message"`
	// Secret tells that the value holds a secret, which must be revoked when it has reached a history.
	Secret bool `json:"-"`
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Text is a text of a report: nil when it is empty.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Ptr returns a pointer to a copy of v: for the many values of a report that may be unknown.
func Ptr[T any](v T) *T { return &v }
