package sample

import (
	"time"

	"speech-retrainer/internal/lifecycle"
)

// Noon is when the runs of the samples start.
var Noon = time.Date(2026, 7, 29, 12, 0, 0, 0, time.UTC)

const (
	BaseID    = "3f1c7a52-0d7e-4c1b-9a53-6f0d8f6f2a11"
	VersionID = "b7b4e6c0-2a3f-4f7e-8f0e-5f6f3a1d9c22"
	RunID     = "run-1"
)

// At is after the start of the runs.
func At(after time.Duration) time.Time { return Noon.Add(after) }

func stage(name lifecycle.Stage, begin, end time.Duration, note string) lifecycle.StageRecord {
	record := lifecycle.StageRecord{Name: name, StartedAt: At(begin)}
	if end >= 0 {
		record.FinishedAt = lifecycle.Ptr(At(end))
	}
	if note != "" {
		record.Note = &note
	}
	return record
}

// AtTraining is the report of a run that has begun to train.
func AtTraining() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.WorkflowID, r.RunID = lifecycle.Ptr("retrain/support-calls"), lifecycle.Ptr(RunID)
	r.Stage = lifecycle.Ptr(lifecycle.StageTrain)
	r.Resource = lifecycle.Ptr("westeurope.api.cognitive.microsoft.com")
	r.Stages = []lifecycle.StageRecord{
		stage(lifecycle.StageValidate, 0, time.Second, ""),
		stage(lifecycle.StageProject, time.Second, 2*time.Second, "no project"),
		stage(lifecycle.StageBase, 2*time.Second, 3*time.Second, "20260610 Language and Acoustic"),
		stage(lifecycle.StageData, 3*time.Second, 5*time.Second, "1 created, 1 reused"),
		stage(lifecycle.StageTrain, 5*time.Second, -1, ""),
	}
	r.WaitingFor = &lifecycle.Waiting{
		Kind: "model", ID: lifecycle.Ptr(VersionID), Since: At(6 * time.Second), Deadline: lifecycle.Ptr(At(8 * lifecycle.Day)),
	}
	r.BaseModel = &lifecycle.BaseReport{
		ID: BaseID, DisplayName: "20260610 Language and Acoustic",
		CreatedAt:        lifecycle.Ptr(time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC)),
		AdaptationEndsAt: lifecycle.Ptr(time.Date(2027, 7, 15, 0, 0, 0, 0, time.UTC)),
		Charged:          lifecycle.Ptr(true),
		Reason:           "newest of 3 usable base models for en-US that can be trained with Language, Acoustic; training from it ends 2027-07-15",
	}
	r.BaseModelsRefused = []lifecycle.Refusal{
		{ID: "9d0b", DisplayName: "20260701", Reason: "cannot be trained with Acoustic data"},
		{ID: "77aa", DisplayName: "20240301", Reason: "training from it ended on 2026-03-15"},
	}
	r.Datasets = []lifecycle.DatasetReport{
		{
			ID: "0a0a", DisplayName: "support phrases 1f2e3d4c5b6a", Kind: "Language", Created: true,
			Accepted: lifecycle.Ptr(int64(412)), Rejected: lifecycle.Ptr(int64(1)),
		},
		{ID: "0b0b", DisplayName: "Calls of May", Kind: "Acoustic", Accepted: lifecycle.Ptr(int64(1)), Rejected: lifecycle.Ptr(int64(0))},
	}
	return r
}

func trained(end time.Duration, note string) lifecycle.Report {
	r := AtTraining()
	r.WaitingFor = nil
	r.Stages[4] = stage(lifecycle.StageTrain, 5*time.Second, end, note)
	r.Version = &lifecycle.VersionReport{
		ID: VersionID, URL: "https://westeurope.api.cognitive.microsoft.com/speechtotext/models/" + VersionID,
		DisplayName: "support-calls 2026-07-29 1a2b3c4d", Status: "Succeeded", State: lifecycle.StateChampion,
		CreatedAt: lifecycle.Ptr(At(6 * time.Second)), ExpiresAt: lifecycle.Ptr(time.Date(2028, 7, 15, 0, 0, 0, 0, time.UTC)),
	}
	return r
}

// Succeeded is the report of a run whose version is the champion now.
func Succeeded() lifecycle.Report {
	r := trained(42*time.Minute, "Succeeded, expires 2028-07-15")
	r.Outcome = lifecycle.Succeeded
	r.Stage = lifecycle.Ptr(lifecycle.StageReport)
	r.Stages = append(r.Stages, stage(lifecycle.StageReport, 42*time.Minute, 42*time.Minute+time.Second, ""))
	r.Champion = &lifecycle.ChampionReport{
		ID: "c0c0", DisplayName: "support-calls 2025-08-01 99887766", ExpiresAt: lifecycle.Ptr(time.Date(2026, 10, 15, 6, 30, 0, 0, time.UTC)),
	}
	r.Kept = []lifecycle.Disposed{{
		Kind: lifecycle.ObjectModel, ID: "c0c0", DisplayName: "support-calls 2025-08-01 99887766",
		Reason: "champion until now; kept until the next one has proved itself",
	}}
	r.Notes = []string{"audio data: this region trains without hardware for it, so the training can take days and costs more"}
	return r
}

// Failed is the report of a run whose training failed.
func Failed() lifecycle.Report {
	r := trained(42*time.Minute, "")
	r.Outcome = lifecycle.Failed
	r.Version.Status, r.Version.State, r.Version.ExpiresAt = "Failed", lifecycle.StateFailed, nil
	r.Error = &lifecycle.Failure{
		Type: lifecycle.TrainingFailed, Code: lifecycle.Ptr("InternalServerError"),
		Message:  "the training of support-calls 2026-07-29 1a2b3c4d failed: the service could not read 3 of its audio files",
		Object:   lifecycle.Ptr("model " + VersionID),
		Next:     lifecycle.Ptr("look at the data sets in the Speech portal, then start the run again"),
		Problems: []lifecycle.Problem{},
	}
	return r
}

// Canceled is the report of a run that was canceled while it trained.
func Canceled() lifecycle.Report {
	r := trained(9*time.Minute, "")
	r.Outcome = lifecycle.Canceled
	r.Version.Status, r.Version.State, r.Version.ExpiresAt = "Running", lifecycle.StateCandidate, nil
	r.Notes = []string{"what this run leaves behind is removed by workflow sweep/support-calls"}
	return r
}

// Rejected is the report of a run whose version did not pass.
func Rejected() lifecycle.Report {
	r := Succeeded()
	r.Outcome = lifecycle.Rejected
	r.Version.State = lifecycle.StateRejected
	r.Verdict = &lifecycle.Verdict{Result: lifecycle.Fail, Reason: "calls: 13.1 % is worse than the champion's 11.2 %"}
	r.Kept = []lifecycle.Disposed{}
	return r
}

// Invalid is the report of a run that the workflow refused.
func Invalid() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.Outcome = lifecycle.Failed
	r.WorkflowID, r.RunID = lifecycle.Ptr("retrain/support-calls"), lifecycle.Ptr(RunID)
	r.Stage = lifecycle.Ptr(lifecycle.StageValidate)
	r.Stages = []lifecycle.StageRecord{stage(lifecycle.StageValidate, 0, time.Second, "")}
	r.Error = &lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: "the request cannot be used", Object: lifecycle.Ptr("request"),
		Next: lifecycle.Ptr("correct the request and start the run again"),
		Problems: []lifecycle.Problem{
			{Path: "locale", Message: "the service trains no models for xx-XX; it knows en-US, de-DE and 40 more"},
			{Path: "training[1].dataset", Message: "no dataset has this name"},
		},
	}
	return r
}

// AtApproval is the report of a run whose version waits for a person.
func AtApproval() lifecycle.Report {
	r := trained(42*time.Minute, "Succeeded")
	r.Version.State = lifecycle.StateCandidate
	r.Verdict = &lifecycle.Verdict{Result: lifecycle.Inconclusive, Reason: "calls: 40 words are fewer than the 50 that a number counts from"}
	r.Stage = lifecycle.Ptr(lifecycle.StageApproval)
	r.Stages = append(r.Stages, stage(lifecycle.StageApproval, 42*time.Minute, -1, ""))
	r.WaitingFor = &lifecycle.Waiting{
		Kind: "approval", ID: lifecycle.Ptr(VersionID), Since: At(42 * time.Minute), Deadline: lifecycle.Ptr(At(72*time.Hour + 42*time.Minute)),
	}
	return r
}
