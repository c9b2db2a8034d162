package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// a names activities for the SDK; its methods are never called here.
var a *activities.Activities

// run is the state of one run: of a retrain, or of what goes on beside it.
type run struct {
	*stages
	request lifecycle.Request
	scope   activities.Scope
	// began is the service's now when the run began.
	began time.Time
	// entries are the data of the request and what they turned out to be.
	entries []entry
	base    activities.BaseResult
	// baseFault is why there is no model to train from; nil when there is one.
	baseFault *lifecycle.Failure
	// version is the run's version as the rules see it, and hours is how long it trained.
	version lifecycle.Model
	hours   float64
	// taken is the version that the run has taken instead of training; nil when it has trained. It becomes the run's own
	// when it is deployed.
	taken *activities.Taken
	// lead is how long before its expiry a version of the model is due again.
	lead lifecycle.Duration
	// asked is the request's own approval.when: what the run was started for may ask for more.
	asked lifecycle.When
	// bound tells that a person has rejected the input, or was rolled back from it: only a person lets it serve.
	bound bool
	// judgedBefore is what was known of a taken version.
	judgedBefore lifecycle.Judged
	// passedOver are base models that the service would not train from when the training was asked for.
	passedOver []lifecycle.Refusal
	// serving is what served when it was last looked at.
	serving activities.ChampionResult
	// opponent is what the version was measured against.
	opponent lifecycle.Opponent
	// fallback is what would serve otherwise; nil when the locale has no base model that can.
	fallback *lifecycle.Model
	// measured are the evaluations of the version, and judgedAt is the service's now when it was last said what they are
	// judged against.
	measured []*measure
	judgedAt time.Time
	// best are the rates that the verdict was made of, which the version's sr.best takes up when it becomes champion.
	best []lifecycle.BestRate
	// chance says how often an equal version would fail; empty when it is not known.
	chance string
	// looked is when serving was read, by Temporal's clock.
	looked    time.Time
	approval  approval
	deploying deploying
	// rejected tells that the version was trained and did not earn to serve.
	rejected bool
	// neverServed tells that the deployment of the version has failed and nothing serves.
	neverServed bool
	// reconsidered tells that the verdict was set aside, because the endpoint was changed since.
	reconsidered bool
	// known are the models that the endpoint may refer to while it is changed: any other one was set by hand, and stays. With
	// none, as in a rollback, whatever it refers to is replaced.
	known []string
	// takesOver is the model from which the endpoint is taken over; empty when it is not.
	takesOver string
	// cause is why Renew started the run; empty when a person did.
	cause   string
	notices notices
	// madeProject tells that the run has created the project.
	madeProject bool
	// settling is the look for a second one; nil when it has made none.
	settling *pending[activities.ProjectResult]
	// suffix tells the steps of several checks in one workflow apart; empty when it does one.
	suffix string
	// until is when all steps of the run together must have ended; zero when each has its own time.
	until time.Time
}

// entry is one data set of the request: for training, or of a test.
type entry struct {
	// path is where it stands in the request.
	path  string
	data  lifecycle.Data
	found activities.DataFound
}

// measure is one evaluation of one test.
type measure struct {
	// test is the index of the test in the request.
	test    int
	what    compared
	input   activities.EvaluationInput
	id      string
	numbers activities.Measured
	// fault says why there are no numbers.
	fault string
	// failed tells that the evaluation has failed, and may succeed when it is repeated.
	failed bool
	// unmade tells that there is no evaluation, because no number was to be had of one.
	unmade bool
}

// approval is the state of the question to a person.
type approval struct {
	asking bool
	answer *lifecycle.ApprovalReport
}

// deploying is what a deployment must know of the run around it: once the run is canceled, all waits
// together end at the deadline.
type deploying struct {
	canceled func() bool
	deadline time.Time
}

// notices are the messages of a run to the web hooks of its request. They never hold the run up.
type notices struct {
	pending []notice
	// begun counts all messages of the run: two of one event are two messages, also while the first is on its way.
	begun int
}

// notice is one message on its way.
type notice struct {
	event lifecycle.Event
	label string
	// unsigned tells that its format carries no signature.
	unsigned bool
	future   workflow.Future
}

// compared is what an evaluation of a test compares.
type compared int

const (
	// withOpponent is the comparison of challenger and opponent.
	withOpponent compared = iota
	// ofBases is that of the two base models.
	ofBases
	// withOtherwise is that of challenger and what would serve otherwise, in case the champion is near its end by the time
	// of the decision.
	withOtherwise
)
