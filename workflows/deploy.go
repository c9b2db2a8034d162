package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"speech-retrainer/activities"
	"speech-retrainer/internal/lifecycle"
)

// deploy points the endpoint at the version and verifies it; false means that the version was rejected
// after all, because the endpoint had changed. Once the change is on its way the run is not canceled before it
// is known which version serves, at most limits.deploy later.
func (r *run) deploy(ctx workflow.Context) (bool, error) {
	if accepted, err := r.rereadEndpoint(ctx); err != nil || !accepted {
		return false, err
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	sheltered, _ := workflow.NewDisconnectedContext(ctx)
	r.shelter(ctx)
	if err := r.markDeploying(sheltered); err != nil {
		return false, err
	}
	var endpoint activities.EndpointSeen
	var err error
	if r.serving.Endpoint == nil {
		endpoint, err = r.createEndpoint(sheltered)
	} else {
		endpoint, err = r.repoint(sheltered)
	}
	if err != nil {
		return false, err
	}
	r.verified(sheltered, endpoint)
	// What serves is marked so before anything else: a canceled run's candidates are swept away.
	if err := r.markChampion(sheltered); err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		r.note("the run was canceled during the deployment: version %s serves all the same", r.report.Version.ID)
		return false, ctx.Err()
	}
	return true, nil
}

// markDeploying writes, with the verdict, that the version is about to serve: whatever ends the run from here on, no sweep
// takes it for abandoned while the endpoint changes, and a later check finds out what became of it.
func (r *run) markDeploying(ctx workflow.Context) error {
	if r.serves(r.report.Version.ID) {
		return nil // it is champion already, as after a reset behind its deployment
	}
	input := activities.MarkInput{
		Scope: r.scope, ID: r.report.Version.ID, State: lifecycle.StateDeploying, Verdict: r.verdictMark(), Own: r.taken != nil,
		Best: lifecycle.FormatBest(lifecycle.MergeBest(r.best, r.serving.Best)),
	}
	marked, err := do(ctx, r, "mark-deploying", "Mark the version deploying", a.MarkVersion, input)
	if err != nil {
		return err
	}
	r.noteDropped(marked.Dropped)
	r.report.Version.State = lifecycle.StateDeploying
	return nil
}

// rereadEndpoint reads the endpoint just before it is changed, and again after each answer of a person:
// while they thought about one change by hand there may have been another. false = rejected after all.
func (r *run) rereadEndpoint(ctx workflow.Context) (bool, error) {
	for look := 0; ; look++ {
		known := modelID(r.serving)
		r.enter(ctx, lifecycle.StageDeploy)
		if err := r.findServing(ctx, fmt.Sprintf("find-endpoint-%d", look), activities.ChampionInput{Scope: r.scope, Fresh: true}); err != nil {
			return false, err
		}
		serving := modelID(r.serving)
		if serving == known || serving == r.report.Version.ID {
			return true, nil
		}
		decision, err := r.reconsider(ctx, known, serving)
		if err != nil || decision == lifecycle.DecideReject {
			return false, err
		}
	}
}

// shelter begins a deployment that outlives the cancellation of ctx.
func (r *run) shelter(ctx workflow.Context) {
	r.deploying = deploying{canceled: func() bool { return ctx.Err() != nil }, deadline: workflow.Now(ctx).Add(r.request.Limits.Deploy.Std())}
}

func modelID(c activities.ChampionResult) string {
	if c.Endpoint == nil {
		return ""
	}
	return c.Endpoint.ModelID
}

// createEndpoint is a first deployment.
func (r *run) createEndpoint(ctx workflow.Context) (activities.EndpointSeen, error) {
	input := activities.EndpointInput{Scope: r.scope, Name: r.request.Deploy.Endpoint, Version: r.versionRef()}
	if r.report.ProjectID != nil {
		input.ProjectID = *r.report.ProjectID
	}
	seen, err := do(ctx, r, "create-endpoint", "Create the endpoint", a.EnsureEndpoint, input)
	if err != nil {
		return seen, err
	}
	r.report.Endpoint = &lifecycle.EndpointReport{ID: seen.ID, URL: lifecycle.Text(seen.URL), VersionID: lifecycle.Text(seen.ModelID)}
	r.say("created")
	if seen.ModelID == r.report.Version.ID {
		// Its creation is the deployment, also when that has Failed already.
		seen, err = r.awaitDeployed(ctx, "await-deployment", r.newVersion())
	} else {
		// An endpoint that was adopted because the lists had missed it may serve another version still.
		seen, err = r.point(ctx, "deploy", "await-deployment", r.newVersion())
	}
	if err != nil {
		if asFailure(err).Type == lifecycle.DeployFailed {
			r.report.Endpoint.VersionID, r.neverServed = nil, true
		}
		return seen, err
	}
	return r.settleEndpoint(ctx, input, seen)
}

// settleEndpoint looks for a second endpoint that a lost answer has left, and lets the earliest serve.
func (r *run) settleEndpoint(ctx workflow.Context, input activities.EndpointInput, seen activities.EndpointSeen) (activities.EndpointSeen, error) {
	for round := range settleRounds {
		in := activities.SettleEndpointInput{EndpointInput: input, ID: seen.ID, NotBefore: r.began}
		settled, err := do(ctx, r, fmt.Sprintf("settle-endpoint-%d", round), "Look for twins of the endpoint", a.SettleEndpoint, in)
		if err != nil {
			f, ok := errors.AsType[*failed](err)
			if !ok {
				return seen, err
			}
			// The version serves: what could not be tidied up must not fail the run.
			r.note("whether the endpoint was created twice could not be looked up: %s", f.failure.Message)
			return seen, nil
		}
		r.report.Deleted = append(r.report.Deleted, settled.Deleted...)
		for _, kept := range settled.Kept {
			r.note("endpoint %s (%s) stays: %s", kept.DisplayName, kept.ID, kept.Reason)
		}
		for i, id := range settled.Waiting {
			w := r.deployment(ctx, fmt.Sprintf("await-twin-%d-%d", round, i), "Await the end of a twin of the endpoint", "the deployment of a twin of the endpoint")
			twin := activities.DeployInput{Scope: r.scope, EndpointID: id, Label: input.Name}
			if _, err := wait(ctx, r, w, a.AwaitEndpointEnd, twin).get(ctx); err != nil {
				r.note("endpoint %s was created twice, and its deployment does not end: delete it in the portal", id)
				return seen, nil
			}
		}
		if settled.ID != seen.ID {
			r.note("the endpoint was created twice: %s counts", settled.ID)
			r.report.Endpoint.ID = settled.ID
			var err error
			if seen, err = r.point(ctx, fmt.Sprintf("deploy-%d", round), fmt.Sprintf("await-deployment-%d", round), r.newVersion()); err != nil {
				return seen, err
			}
		}
		if len(settled.Waiting) == 0 && settled.ID == seen.ID {
			return seen, nil
		}
	}
	return seen, nil
}

// repoint changes the endpoint's model. When that fails the previous model is put back and verified, unless somebody else
// has changed it since.
func (r *run) repoint(ctx workflow.Context) (activities.EndpointSeen, error) {
	input := r.newVersion()
	input.Over = []string{r.serving.Endpoint.ModelID}
	seen, err := r.point(ctx, "deploy", "await-deployment", input)
	if err == nil {
		r.say("model changed")
		return seen, nil
	}
	if left, ok := errors.AsType[*overtaken](err); ok {
		return seen, &failed{failure: lifecycle.Failure{
			Type: lifecycle.DeployFailed, Message: "nothing was changed: " + r.leave(left), Object: lifecycle.Ptr("endpoint " + r.report.Endpoint.ID),
			Next: lifecycle.Ptr("look at what it serves, and start the run again if it is still wanted"), Problems: []lifecycle.Problem{},
		}}
	}
	failure := asFailure(err)
	r.neverServed = r.serving.Unserved && failure.Type == lifecycle.DeployFailed
	failure.Type = deployClass(failure.Type)
	said, serves := r.restore(ctx)
	if serves {
		return r.awaitDeployed(ctx, "await-deployment", input)
	}
	failure.Message += "; " + said
	return seen, &failed{failure: failure}
}

// deployClass keeps the classes that say what an operator must do; everything else is a failed
// deployment.
func deployClass(c lifecycle.FailureClass) lifecycle.FailureClass {
	switch c {
	case lifecycle.Unauthorized, lifecycle.Unavailable, lifecycle.WrongResource, lifecycle.TimedOut:
		return c
	}
	return lifecycle.DeployFailed
}

// restore puts the previous model back and says in words what serves now. serves tells that the version itself does, though the
// service did not take the change: an earlier attempt had no answer, or another run has set the same.
func (r *run) restore(ctx workflow.Context) (said string, serves bool) {
	e := r.report.Endpoint
	if r.serving.Champion == nil {
		return fmt.Sprintf("endpoint %s had no model that could be put back: LOOK AT IT NOW, it may serve the bare base model", e.ID), false
	}
	previous := activities.RefOf(*r.serving.Champion)
	w := r.deployment(ctx, "await-endpoint-end", "Await the end of the failed deployment", "the failed deployment")
	_, err := wait(ctx, r, w, a.AwaitEndpointEnd, r.deployInput(previous)).get(ctx)
	if err == nil {
		back := r.deployInput(previous)
		back.Always = true
		if back.Over = []string{previous.ID, r.serving.Endpoint.ModelID}; r.deploying.sent {
			back.Over = append(back.Over, r.report.Version.ID)
		}
		_, err = r.point(ctx, "restore", "await-restore", back)
	}
	if left, ok := errors.AsType[*overtaken](err); ok {
		return r.leave(left), left.model == r.report.Version.ID
	}
	if err != nil {
		e.VersionID = nil
		return fmt.Sprintf("the previous model %s could NOT be put back (%s): LOOK AT ENDPOINT %s NOW, it is not known what it serves",
			previous.ID, asFailure(err).Message, e.ID), false
	}
	e.VersionID = &previous.ID
	return fmt.Sprintf("the previous model %s was put back and serves", previous.ID), false
}

// overtaken is the end of a change that was not made, because somebody else had changed the endpoint meanwhile.
type overtaken struct{ model string }

func (o *overtaken) Error() string { return "the endpoint refers to model " + o.model + " now" }

// leave says in words that an endpoint was left to whoever has changed it.
func (r *run) leave(o *overtaken) string {
	r.report.Endpoint.VersionID = &o.model
	return fmt.Sprintf("endpoint %s refers to model %s now, which another run or a hand has set meanwhile: it was left as it is", r.report.Endpoint.ID, o.model)
}

// point asks the endpoint to serve a model and waits until it does. Its error is overtaken when somebody else has changed
// it meanwhile.
func (r *run) point(ctx workflow.Context, id, awaitID string, input activities.DeployInput) (activities.EndpointSeen, error) {
	before, err := do(ctx, r, id, "Point the endpoint at "+input.Version.ID, a.PointEndpoint, input)
	if err != nil {
		return activities.EndpointSeen{}, err
	}
	if before.Left != "" {
		return activities.EndpointSeen{}, &overtaken{model: before.Left}
	}
	r.deploying.sent = true
	input.FailedAt = before.FailedAt
	return r.awaitDeployed(ctx, awaitID, input)
}

// awaitDeployed waits until the endpoint serves a model.
func (r *run) awaitDeployed(ctx workflow.Context, id string, input activities.DeployInput) (activities.EndpointSeen, error) {
	model := input.Version.ID
	w := r.deployment(ctx, id, "Await the deployment of "+model, "the deployment of "+model)
	r.await(ctx, lifecycle.WaitsForEndpoint, r.report.Endpoint.ID, w.limit)
	return wait(ctx, r, w, a.AwaitDeployed, input).get(ctx)
}

// verified says what the endpoint was seen to serve when its deployment was through; its mark was written then.
func (r *run) verified(ctx workflow.Context, seen activities.EndpointSeen) {
	r.enter(ctx, lifecycle.StageVerify)
	r.report.Endpoint.VersionID, r.report.Endpoint.URL = lifecycle.Text(seen.ModelID), lifecycle.Text(seen.URL)
	r.say("%s serves the version", seen.DisplayName)
}

// deployment is a wait of the deployment.
func (r *run) deployment(ctx workflow.Context, id, summary, of string) waiting {
	return waiting{id: id, summary: summary, of: of, limit: r.deployLimit(ctx), field: "limits.deploy"}
}

func (r *run) deployInput(model activities.ModelRef) activities.DeployInput {
	return activities.DeployInput{Scope: r.scope, EndpointID: r.report.Endpoint.ID, Label: r.request.Deploy.Endpoint, Version: model, TakesOver: r.takesOver}
}

// newVersion is the deployment of the run's version: once it serves, the endpoint is marked as the model's.
func (r *run) newVersion() activities.DeployInput {
	input := r.deployInput(r.versionRef())
	input.Mark = true
	return input
}

func (r *run) versionRef() activities.ModelRef {
	return activities.ModelRef{ID: r.report.Version.ID, Custom: true}
}
