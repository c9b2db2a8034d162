package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// secondQuestion is how long a run asks a person. The campaign answers once, at once; what is asked again, because a
// neighbour has changed the endpoint meanwhile, nobody answers.
const secondQuestion = "90s"

// byHand is a request of which a person decides, whatever the verdict.
var byHand = object{"approval": object{"when": "always", "timeout": secondQuestion}}

// step does one step and returns in a word how its run ended.
func (c *chaos) step(ctx context.Context, s Step) (string, error) {
	if s.At != "" && s.Do != doRepeat {
		if err := c.arm(s.At); err != nil {
			return "", err
		}
	}
	switch s.Do {
	case doStrict:
		return c.play(ctx, strict(c.asks()), nil)
	case doNoDeploy:
		return c.play(ctx, c.small(), nil)
	case doTrainFail:
		return c.fails(ctx, "training", "TrainingFailed")
	case doDataFail:
		return c.fails(ctx, "dataset", "DataImportFailed")
	case doTestFail:
		return c.fails(ctx, "evaluation", "EvaluationFailed")
	case doMoveFail:
		return c.fails(ctx, "endpoint", "DeployingFailedModel")
	case doApprove:
		return c.play(ctx, with(c.asks(), byHand), c.answers(workflows.UpdateApprove))
	case doReject:
		return c.play(ctx, with(c.asks(), byHand), c.answers(workflows.UpdateReject))
	case doTimeout:
		return c.play(ctx, with(c.asks(), object{"approval": object{"when": "always", "timeout": "3s", "onTimeout": "promote"}}), nil)
	case doCancel:
		return c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, run client.WorkflowRun) (string, error) {
			return "", c.Client.CancelWorkflow(ctx, run.GetID(), run.GetRunID())
		}))
	case doTerminate:
		return c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, run client.WorkflowRun) (string, error) {
			return "", c.Client.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "the campaign ends it")
		}))
	case doReset:
		return c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, run client.WorkflowRun) (string, error) {
			points, err := c.resetPoints(ctx, run.GetID(), run.GetRunID())
			if err != nil {
				return "", err
			}
			return c.resetTo(ctx, run.GetID(), run.GetRunID(), points[int(c.plan.Seed)%len(points)])
		}))
	case doRepeat:
		return c.repeat(ctx, s)
	case doCut:
		return c.cutOff(ctx, s)
	case doJump:
		return c.play(ctx, c.asks(), c.at(s.At, func(ctx context.Context, _ client.WorkflowRun) (string, error) {
			return "", c.emulator.Advance(ctx, s.By)
		}))
	case doRenew:
		return c.renew(ctx, patient(c.asks()))
	case doRollback:
		// With one more champion there is usually one to go back to.
		before, err := c.play(ctx, with(c.asks(), object{"keep": 2}), nil)
		if err != nil {
			return "", err
		}
		word, err := c.aside(ctx, workflows.TypeRollback, workflows.RollbackID(c.name), object{
			"name": c.name, "locale": locale, "endpoint": c.name, "by": "campaign", "reason": "it is worse",
		})
		return before + ", rollback " + word, err
	case doEvaluate:
		version, err := c.versionIn(ctx, lifecycle.StateChampion)
		if err != nil {
			return "nothing to test", nil // a step before has not come so far
		}
		return c.aside(ctx, workflows.TypeEvaluate, workflows.EvaluateID(c.name), object{"request": c.asks(), "versionId": version})
	}
	return c.play(ctx, c.asks(), nil)
}

// play starts a retrain, does something to it, and waits for its end. A retrain that is going on already is an answer.
func (c *chaos) play(ctx context.Context, request object, do func(context.Context, client.WorkflowRun) (string, error)) (string, error) {
	request = patient(request)
	run, err := c.retrain(ctx, request)
	if err != nil {
		return "", err
	}
	next := ""
	if do != nil {
		if next, err = do(ctx, run); err != nil {
			return "", err
		}
	}
	if next == "" {
		next = run.GetRunID()
	}
	e := c.end(ctx, run.GetID(), next)
	if e.Status == enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		return "terminated", nil
	}
	word, err := c.stated(e)
	if err != nil {
		return word, err
	}
	if e.Report.Outcome == lifecycle.Succeeded {
		if fault := unearned(e.Report, request); fault != "" {
			return word, errors.New(fault)
		}
	}
	return word, errors.Join(c.serves(ctx, e.Report), c.made(ctx, e.Report, run.GetRunID()))
}

// patient is a request that outlasts the faults of a seed, but waits for no person longer than a moment: nobody answers,
// and what is inconclusive is rejected.
func patient(request object) object {
	request = with(request, object{"limits": object{"unavailable": "4m", "import": "5m", "training": "5m", "evaluation": "5m", "deploy": "5m"}})
	if request["approval"] == nil {
		request["approval"] = object{"timeout": "3s"}
	}
	return request
}

// made checks that the version of a report was made by its run, unless the report says that it has taken one that was
// there: another run's is never taken for it in silence.
func (l *lane) made(ctx context.Context, r *lifecycle.Report, run string) error {
	if r.Version == nil || r.Version.Taken {
		return nil
	}
	all, err := l.emulator.Objects(ctx, stack.Models)
	for _, m := range all {
		if _, of := lifecycle.SplitRun(m.CustomProperties[lifecycle.MarkRun]); m.ID == r.Version.ID && of != run {
			return fmt.Errorf("the report of run %s is about version %s of run %s", run, m.ID, of)
		}
	}
	return err
}

// unearned says why a version should not have been promoted: the tests that the request asks for did not pass, and
// nobody whom the request lets decide said yes.
func unearned(r *lifecycle.Report, request object) string {
	if request["tests"] == nil {
		return ""
	}
	// What was taken is not measured again: the verdict is the one that its mark keeps.
	judged := r.Version != nil && r.Version.Taken && r.Verdict != nil && strings.HasPrefix(r.Verdict.Reason, "already judged: ")
	if r.Verdict == nil || len(r.Tests) == 0 && !judged {
		return "it was promoted without a verdict"
	}
	asked, _ := request["approval"].(object)
	switch answer := r.Approval; {
	case judged && strings.Contains(r.Verdict.Reason, "(yes by "):
		return ""
	case answer == nil && r.Verdict.Result == lifecycle.Pass:
		return ""
	case answer != nil && answer.Answer == lifecycle.AnswerApproved:
		return ""
	case answer != nil && answer.Answer == lifecycle.AnswerTimeout && asked["onTimeout"] == "promote":
		return ""
	}
	return fmt.Sprintf("it was promoted with verdict %s (%s), answer %+v", r.Verdict.Result, r.Verdict.Reason, r.Approval)
}

// serves checks that what a report says about the endpoint is so, however the run ended; and that the endpoint is well,
// unless its very first deployment failed.
func (c *chaos) serves(ctx context.Context, r *lifecycle.Report) error {
	if r.Endpoint == nil || r.Endpoint.VersionID == nil {
		return nil
	}
	serving, err := c.emulator.Serving(ctx, r.Endpoint.ID)
	if err != nil {
		return err
	}
	if c.plan.Neighbours.Any() {
		// What a person or another installation has chosen since is no longer the run's to tell.
		if by, err := c.lastChosenBy(ctx, r.Endpoint.ID); err != nil || by != c.emulator.Caller() {
			return err
		}
	}
	well := serving.Status == "Succeeded" || r.Endpoint.PreviousVersionID == nil && r.Outcome != lifecycle.Succeeded
	if serving.ModelID != *r.Endpoint.VersionID || !well {
		return fmt.Errorf("the report says that version %s serves, but endpoint %s is %s with model %s",
			*r.Endpoint.VersionID, r.Endpoint.ID, serving.Status, serving.ModelID)
	}
	if r.Outcome == lifecycle.Succeeded && *r.Endpoint.VersionID != r.Version.ID {
		return fmt.Errorf("the run succeeded with version %s, but says that %s serves", r.Version.ID, *r.Endpoint.VersionID)
	}
	return nil
}

// fails lets the next job of a kind fail.
func (c *chaos) fails(ctx context.Context, kind, code string) (string, error) {
	if err := c.emulator.Plan(ctx, stack.Outcome{Kind: kind, Code: code, Message: "the campaign wants it"}); err != nil {
		return "", err
	}
	word, err := c.play(ctx, c.asks(), nil)
	// A run that had no such job, since it took what was there or rejected it, leaves the failure for nobody else.
	return word, errors.Join(err, c.emulator.ClearOutcomes(ctx))
}

// at does something while a worker is at a point, and nothing when the run ends without meeting it.
func (c *chaos) at(point string, do func(context.Context, client.WorkflowRun) (string, error)) func(context.Context, client.WorkflowRun) (string, error) {
	return func(ctx context.Context, run client.WorkflowRun) (string, error) {
		waiting, stop := context.WithCancel(ctx)
		defer stop()
		met, err := c.awaitPoint(ctx, point, c.whenEnded(waiting, run))
		if err != nil || !met {
			return "", err
		}
		next, err := do(ctx, run)
		return next, errors.Join(err, c.release(point))
	}
}

// whenEnded is closed when a run has ended, or ctx has.
func (c *chaos) whenEnded(ctx context.Context, run client.WorkflowRun) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run.Get(ctx, nil) // how it ended is asked for later
	}()
	return ended
}

// question waits until a person is asked, and returns the version that it is about; empty when the run ends before.
func (l *lane) question(ctx context.Context, run client.WorkflowRun) (version string, err error) {
	err = stack.Await(ctx, "the question", func(ctx context.Context) error {
		d, err := describe(ctx, l.Client, run.GetID(), run.GetRunID())
		if err != nil {
			return err
		}
		if d.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		answer, err := l.Client.QueryWorkflow(ctx, run.GetID(), run.GetRunID(), workflows.QueryStatus)
		if err != nil {
			return err
		}
		var report lifecycle.Report
		if err := answer.Get(&report); err != nil {
			return err
		}
		if w := report.WaitingFor; w == nil || w.Kind != lifecycle.WaitsForApproval {
			return errors.New("nobody is asked yet")
		}
		version = report.Version.ID
		return nil
	})
	return version, err
}

// answers waits until a person is asked and answers for them. A run that ends before needs no answer.
func (c *chaos) answers(update string) func(context.Context, client.WorkflowRun) (string, error) {
	return func(ctx context.Context, run client.WorkflowRun) (string, error) {
		version, err := c.question(ctx, run)
		if err != nil || version == "" {
			return "", err
		}
		handle, err := c.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), RunID: run.GetRunID(), UpdateName: update, WaitForStage: client.WorkflowUpdateStageCompleted,
			Args: []any{workflows.Answer{By: "campaign", Reason: "it wants to", VersionID: version}},
		})
		if err != nil {
			return "", err
		}
		return "", handle.Get(ctx, nil)
	}
}

// renew fires one check and waits for what it starts.
func (c *chaos) renew(ctx context.Context, request object) (string, error) {
	run, err := c.start(ctx, workflows.TypeRenew, "check/"+c.name, request)
	if err != nil {
		return "", err
	}
	var answer lifecycle.RenewReport
	var failed *temporal.ApplicationError
	if err := run.Get(ctx, &answer); errors.As(err, &failed) && failed.Type() != string(lifecycle.Internal) {
		return "renew: failed: " + failed.Type(), nil
	} else if err != nil {
		return "", err
	}
	if answer.RetrainRunID == nil {
		return "renew: " + answer.Outcome, nil
	}
	word, err := c.stated(c.end(ctx, workflows.RetrainID(c.name), *answer.RetrainRunID))
	return "renew: " + word, err
}

// aside runs a workflow beside the retrains to its end.
func (c *chaos) aside(ctx context.Context, kind, id string, input object) (string, error) {
	run, err := c.start(ctx, kind, id, input)
	if err != nil {
		return "", err
	}
	return c.stated(c.end(ctx, id, run.GetRunID()))
}
