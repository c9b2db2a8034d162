package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"speech-retrainer/internal/stack"
)

// What a step of a plan does.
const (
	doRetrain   = "retrain"         // the whole path
	doStrict    = "strict"          // with a test that no version passes
	doNoDeploy  = "without deploy"  // one text, no test, no endpoint
	doTrainFail = "failed training" // the service fails the training
	doDataFail  = "failed import"   // the service fails an import
	doTestFail  = "failed test"     // the service fails an evaluation
	doMoveFail  = "failed deployment"
	doApprove   = "approve" // a person is asked and says yes
	doReject    = "reject"  // and says no
	doTimeout   = "no answer"
	doCancel    = "cancel"    // at a point
	doTerminate = "terminate" // at a point
	doReset     = "reset"     // at a point
	doRepeat    = "repeat"    // an activity, as an operator does, after the answer to its create was lost
	doCut       = "cut off"   // a worker from Temporal, while it queues for its turn to create something
	doJump      = "jump"      // of the clock, at a point
	doRenew     = "renew"
	doRollback  = "rollback"
	doEvaluate  = "evaluate"
)

// Step is one thing done to the product, one after the other.
type Step struct {
	Do string
	// At is the point at which it is done, By how far the clock jumps.
	At string
	By time.Duration
	// Silent tells that nothing of the worker that is cut off gets through, while its connections stay as they are; else
	// they are closed. Late tells that it goes on when another has taken over; else at once.
	Silent, Late bool
}

func (s Step) String() string {
	text := s.Do
	if s.At != "" {
		text += " at " + s.At
	}
	if s.By != 0 {
		text += fmt.Sprintf(" by %s", s.By)
	}
	if s.Silent {
		text += ", silently"
	}
	if s.Late {
		text += ", late"
	}
	return text
}

// Plan is all that a seed means: which service, which workers, what is done, and what goes wrong. It depends on the
// seed alone, and names faults and kills by what they hit, never by a time, so that the same seed does the same again.
type Plan struct {
	Seed    uint64
	Profile string
	// Lag is how far lists lag behind.
	Lag     time.Duration
	Workers int
	Steps   []Step
	// Kills are the points at which a worker dies.
	Kills  []string
	Faults []stack.Fault
	// Neighbours share the resource.
	Neighbours Neighbours
}

// pointActivities are the activities of a retrain at which a seed can do something. The survey, which does what many did
// before, stands there as often.
var pointActivities = []string{
	"survey", "survey", "survey", "survey", "ensure-project", "survey", "ensure-datasets", "ensure-datasets",
	"ensure-datasets", "await-datasets", "await-datasets", "await-datasets", "create-version", "await-training", "settle-project",
	"find-champion-again", "survey", "create-evaluation-0", "await-evaluation-0", "survey", "find-endpoint-0",
	"create-endpoint", "deploy", "await-deployment", "settle-endpoint-0", "mark-deploying", "promote", "mark-rejected", "retire",
}

// writers are those among them that change something.
var writers = map[string]bool{
	"ensure-project": true, "ensure-datasets": true, "create-version": true,
	"create-evaluation-0": true, "create-endpoint": true, "mark-deploying": true, "deploy": true, "promote": true, "mark-rejected": true, "retire": true,
}

// operations are what faults are injected into, by the service's names. Creates are the dangerous ones and come twice.
var operations = []string{
	"Models_Create", "Datasets_Create", "Evaluations_Create", "Endpoints_Create", "Projects_Create",
	"Models_Create", "Datasets_Create", "Evaluations_Create", "Endpoints_Create",
	"Models_Update", "Endpoints_Update", "Models_Delete", "Evaluations_Delete", "Datasets_Delete",
	"Models_ListCustomModels", "Models_ListBaseModels", "Datasets_List", "Evaluations_List", "Endpoints_List", "Projects_List",
	"Models_GetCustomModel", "Datasets_Get", "Evaluations_Get", "Endpoints_Get",
}

// PlanOf is the plan of a seed.
func PlanOf(seed uint64) Plan {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	p := Plan{Seed: seed, Profile: pick(r, stack.Plain, stack.Awkward), Workers: 1 + r.IntN(2)}
	p.Lag = pick(r, 0, 0, time.Second, 3*time.Second, 5*time.Second)
	used := map[string]bool{}
	steps := 1 + r.IntN(3)
	for n := range steps {
		p.Steps = append(p.Steps, step(r, n, used))
	}
	for range pick(r, 0, 1, 1, 2) {
		p.Kills = append(p.Kills, point(r, used))
	}
	for range r.IntN(9) {
		p.Faults = append(p.Faults, fault(r))
	}
	p.Neighbours = neighbours(seed, len(p.Steps), used)
	p.repeat()
	p.cut()
	return p
}

// repeat makes half of the resets of a run resets of an activity. It has a source of its own, so that all else of a seed
// is what it is without.
func (p *Plan) repeat() {
	r := rand.New(rand.NewPCG(p.Seed, 0x2e5e7))
	for i, s := range p.Steps {
		if s.Do != doReset || r.IntN(2) == 0 {
			continue
		}
		at := "Retrain/" + pick(r, "create-version", "create-version", "create-evaluation-0", "ensure-datasets", "create-endpoint")
		p.Steps[i] = Step{Do: doRepeat, At: at}
	}
}

// cut makes of half of the plans with a plain retrain some in which its worker is cut off, with another to take over. It
// has a source of its own, as repeat has.
func (p *Plan) cut() {
	r := rand.New(rand.NewPCG(p.Seed, 0xc07))
	for i, s := range p.Steps {
		if s.Do != doRetrain || r.IntN(2) == 0 {
			continue
		}
		activity := pick(r, "create-version", "create-version", "create-evaluation-0", "ensure-dataset-0", "create-endpoint")
		p.Steps[i] = Step{Do: doCut, At: "Retrain/" + activity + "/queue", Silent: r.IntN(2) == 0, Late: r.IntN(2) == 0}
		p.Workers = 2
		return
	}
}

// cutsOff tells whether a worker is cut off.
func (p *Plan) cutsOff() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Do == doCut })
}

func step(r *rand.Rand, n int, used map[string]bool) Step {
	s := Step{Do: pick(r, doRetrain, doRetrain, doStrict, doNoDeploy, doTrainFail, doDataFail, doTestFail, doApprove, doReject,
		doTimeout, doCancel, doCancel, doTerminate, doReset, doReset, doJump)}
	if n > 0 {
		s.Do = pick(r, s.Do, s.Do, s.Do, doRenew, doRollback, doEvaluate, doMoveFail)
	}
	switch s.Do {
	case doCancel, doTerminate, doReset:
		s.At = point(r, used)
	case doJump:
		s.At, s.By = point(r, used), pick(r, time.Minute, time.Hour, 26*time.Hour, 40*24*time.Hour, 400*24*time.Hour)
	}
	return s
}

// point draws a point that nothing else of the plan uses.
func point(r *rand.Rand, used map[string]bool) string {
	for {
		activity := pointActivities[r.IntN(len(pointActivities))]
		moment := pick(r, "before", "after")
		if writers[activity] {
			moment = pick(r, "before", "effect", "effect", "after")
		}
		if name := "Retrain/" + activity + "/" + moment; !used[name] {
			used[name] = true
			return name
		}
	}
}

func fault(r *rand.Rand) stack.Fault {
	f := stack.Fault{Operation: operations[r.IntN(len(operations))], Skip: r.IntN(3), Count: 1 + r.IntN(2)}
	switch f.Kind = pick(r, "status", "status", "statusAfter", "delay", "dropBefore", "dropAfter", "dropAfter", "truncate", "garbage",
		"html", "contentType", "throttle", "storm"); f.Kind {
	case "status", "statusAfter":
		f.Status = pick(r, 500, 502, 503, 503, 504, 408)
	case "html":
		f.Status = pick(r, 502, 503)
	case "delay":
		f.Delay = pick(r, "200ms", "2s", "8s")
		if strings.HasSuffix(f.Operation, "_Create") {
			f.Delay, f.Count = pick(r, "2s", "32s"), 1 // longer than a request may take: it takes effect unseen
		}
	case "throttle":
		f.RetryAfter = pick(r, "1", "2", "3")
	case "storm":
		f = stack.Fault{Kind: "throttle", RetryAfter: "1", Skip: r.IntN(40), Count: 5 + r.IntN(20)}
	}
	return f
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
