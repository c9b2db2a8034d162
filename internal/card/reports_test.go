package card_test

import (
	"time"

	"speech-retrainer/internal/lifecycle"
)

var ptr = struct {
	text   func(string) *string
	count  func(int64) *int64
	rate   func(float64) *float64
	time   func(string) *time.Time
	charge func(bool) *bool
}{lifecycle.Ptr[string], lifecycle.Ptr[int64], lifecycle.Ptr[float64], func(s string) *time.Time { return lifecycle.Ptr(at(s)) }, lifecycle.Ptr[bool]}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	versionID   = "6f1a52b0-0d5e-4c1c-9b46-3b1b1c6f0001"
	championID  = "6f1a52b0-0d5e-4c1c-9b46-3b1b1c6f0000"
	baseID      = "0e6f5c1a-7f3b-4f0e-8c1d-20260115aaaa"
	endpointID  = "e3a4c1d2-55aa-4b1b-8a6d-0123456789ab"
	socket      = "wss://westeurope.stt.speech.microsoft.com/stt/speech/universal/v2?cid=" + endpointID
	textContent = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809"
	testContent = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
)

func stage(name lifecycle.Stage, from, to, note string) lifecycle.StageRecord {
	s := lifecycle.StageRecord{Name: name, StartedAt: at(from)}
	if to != "" {
		s.FinishedAt = ptr.time(to)
	}
	if note != "" {
		s.Note = &note
	}
	return s
}

// firstRun is a run without a champion: the base model is what the version is compared with.
func firstRun() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.Outcome = lifecycle.Succeeded
	r.Stages = []lifecycle.StageRecord{
		stage(lifecycle.StageValidate, "2026-03-02T09:00:00Z", "2026-03-02T09:00:01Z", ""),
		stage(lifecycle.StageProject, "2026-03-02T09:00:01Z", "2026-03-02T09:00:01Z", "no project"),
		stage(lifecycle.StageBase, "2026-03-02T09:00:01Z", "2026-03-02T09:00:04Z", "20260115: the newest of 3 usable ones"),
		stage(lifecycle.StageData, "2026-03-02T09:00:04Z", "2026-03-02T09:07:00Z", "2 datasets, both new"),
		stage(lifecycle.StageTrain, "2026-03-02T09:07:00Z", "2026-03-02T11:47:31Z", ""),
		stage(lifecycle.StageEvaluate, "2026-03-02T11:47:31Z", "2026-03-02T12:01:00Z", "1 test"),
		stage(lifecycle.StageVerdict, "2026-03-02T12:01:00Z", "2026-03-02T12:01:00Z", "pass"),
		stage(lifecycle.StageDeploy, "2026-03-02T12:01:00Z", "2026-03-02T12:09:10Z", "endpoint created"),
		stage(lifecycle.StageReport, "2026-03-02T12:09:10Z", "2026-03-02T12:09:11Z", ""),
	}
	r.WorkflowID, r.RunID = ptr.text("retrain/support-calls"), ptr.text("b1946ac9-2a5a-4d8a-9a5e-0f1e2d3c4b5a")
	r.Resource = ptr.text("westeurope.api.cognitive.microsoft.com")
	r.BaseModel = &lifecycle.BaseReport{
		ID: baseID, DisplayName: "20260115 Batch + Audio file adaptation", CreatedAt: ptr.time("2026-01-15T00:00:00Z"),
		AdaptationEndsAt: ptr.time("2027-01-15T00:00:00Z"), Charged: ptr.charge(true),
		Reason: "the newest base model of en-US that can be trained with Language and Acoustic",
	}
	r.BaseModelsRefused = []lifecycle.Refusal{
		{ID: "0e6f5c1a-7f3b-4f0e-8c1d-20260201bbbb", DisplayName: "20260201", Reason: "is 29 days old, minAge asks for 30d"},
		{ID: "0e6f5c1a-7f3b-4f0e-8c1d-20260120cccc", DisplayName: "20260120", Reason: "cannot be trained with Acoustic, only with Language"},
	}
	r.Datasets = []lifecycle.DatasetReport{
		{
			ID: "d1d1d1d1-0000-4000-8000-000000000001", DisplayName: "call notes 1a2b3c4d5e6f", Kind: "Language", Content: ptr.text(textContent),
			Created: true, Accepted: ptr.count(12345), Rejected: ptr.count(2),
		},
		{ID: "d1d1d1d1-0000-4000-8000-000000000002", DisplayName: "Test audio of the portal", Kind: "Acoustic"},
	}
	r.Version = &lifecycle.VersionReport{
		ID: versionID, URL: "https://westeurope.api.cognitive.microsoft.com/speechtotext/models/" + versionID + "?api-version=2025-10-15",
		DisplayName: "support-calls 2026-03-02 9c3e5a71", Status: "Succeeded", State: lifecycle.StateChampion,
		CreatedAt: ptr.time("2026-03-02T09:07:02Z"), ExpiresAt: ptr.time("2028-04-15T00:00:00Z"),
	}
	r.Tests = []lifecycle.TestReport{{
		Name: "calls of May", DatasetID: "d1d1d1d1-0000-4000-8000-000000000002", EvaluationID: ptr.text("ea000000-0000-4000-8000-000000000001"),
		Words: ptr.count(6200), WordErrorRate: ptr.rate(0.112), Base: ptr.rate(0.187), Difference: ptr.rate(-0.075),
		Interval: &[2]float64{-0.0875, -0.0624}, Visible: ptr.rate(0.0126), Verdict: lifecycle.Pass,
		Reason: "word error rate 11.2 %, at most 20.0 % allowed; 11.2 % against 18.7 % of the bare base model: +7.5 points better, at least +2.0 points asked for",
	}}
	r.Verdict = &lifecycle.Verdict{Result: lifecycle.Pass, Reason: "calls of May: word error rate 11.2 %, at most 20.0 % allowed"}
	r.Endpoint = &lifecycle.EndpointReport{ID: endpointID, URL: ptr.text(socket), VersionID: ptr.text(versionID)}
	r.Notes = []string{"the test set has fewer than 1,000 words a speaker: more would narrow the interval"}
	return r
}

// secondRun is a challenger against a champion, approved by a person.
func secondRun() lifecycle.Report {
	r := firstRun()
	r.Champion = &lifecycle.ChampionReport{ID: championID, DisplayName: "support-calls 2025-06-10 0b1c2d3e", ExpiresAt: ptr.time("2027-07-15T00:00:00Z")}
	r.Datasets[0].Created = false
	r.Tests = []lifecycle.TestReport{
		{
			Name: "calls of May", DatasetID: "d1", EvaluationID: ptr.text("ea000000-0000-4000-8000-000000000002"), Words: ptr.count(6200),
			WordErrorRate: ptr.rate(0.112), Champion: ptr.rate(0.131), Base: ptr.rate(0.187), Difference: ptr.rate(-0.019),
			Interval: &[2]float64{-0.0306, -0.0074}, Visible: ptr.rate(0.0116), Best: ptr.rate(0.1184), Verdict: lifecycle.Pass,
			Reason: "11.2 % against 13.1 % of the champion: -1.9 points, at most +0.5 points allowed",
		},
		{
			Name: "numbers and names of the northern branch", DatasetID: "d2", EvaluationID: ptr.text("ea000000-0000-4000-8000-000000000003"),
			Words: ptr.count(1210345), WordErrorRate: ptr.rate(0.2), Champion: ptr.rate(0.2), Difference: ptr.rate(0),
			Interval: &[2]float64{-0.032, 0.032}, Visible: ptr.rate(0.032), Verdict: lifecycle.Inconclusive,
			Reason: "20.0 % against 20.0 % of the champion: 0.0 points, at most 0.0 points allowed; " +
				"but the 95 % interval -3.2 to +3.2 points crosses the limit (strict)",
		},
		{
			Name: "noisy", DatasetID: "d3", Verdict: lifecycle.Inconclusive,
			Reason: "the new version: the service gives -1 for the word error rate, which means that it was not measured",
		},
	}
	r.Verdict = &lifecycle.Verdict{
		Result: lifecycle.Inconclusive,
		Reason: "noisy: the new version: the service gives -1 for the word error rate, which means that it was not measured",
	}
	r.Approval = &lifecycle.ApprovalReport{By: "ann", Reason: "listened to ten calls, all good", At: at("2026-03-02T13:30:00Z"), Answer: "approved"}
	r.Endpoint.PreviousVersionID = ptr.text(championID)
	r.Kept = []lifecycle.Disposed{
		{Kind: "model", ID: championID, DisplayName: "support-calls 2025-06-10 0b1c2d3e", Reason: "the previous champion stays until the next success"},
	}
	r.Deleted = []lifecycle.Disposed{
		{Kind: "evaluation", ID: "ea000000-0000-4000-8000-00000000000f", DisplayName: "support-calls 2024-05-01 aa11bb22", Reason: "of a version that is deleted"},
		{
			Kind: "model", ID: "6f1a52b0-0d5e-4c1c-9b46-3b1b1c6fffff", DisplayName: "support-calls 2024-05-01 77aa88bb",
			Reason: "older than the 2 earlier champions that are kept",
		},
	}
	return r
}

func rejected() lifecycle.Report {
	r := secondRun()
	r.Outcome = lifecycle.Rejected
	r.Version.State = lifecycle.StateRejected
	r.Tests = r.Tests[:1]
	r.Tests[0].WordErrorRate, r.Tests[0].Difference, r.Tests[0].Interval = ptr.rate(0.152), ptr.rate(0.021), &[2]float64{0.0088, 0.0332}
	r.Tests[0].Verdict, r.Tests[0].Reason = lifecycle.Fail, "15.2 % against 13.1 % of the champion: +2.1 points, at most 0.0 points allowed"
	r.Verdict = &lifecycle.Verdict{Result: lifecycle.Fail, Reason: "calls of May: " + r.Tests[0].Reason}
	r.Approval, r.Deleted = nil, []lifecycle.Disposed{}
	r.Endpoint.VersionID = ptr.text(championID)
	return r
}

// taken is a run that has trained nothing: the version of its input was there.
func taken() lifecycle.Report {
	r := firstRun()
	r.Version.Taken = true
	r.Dates = &lifecycle.Dates{ExpiresAt: r.Version.ExpiresAt, DueAt: ptr.time("2028-02-20T06:00:00Z"), LastResortAt: ptr.time("2028-04-01T00:00:00Z")}
	return r
}

func failed() lifecycle.Report {
	r := firstRun()
	r.Outcome, r.Stage = lifecycle.Failed, lifecycle.Ptr(lifecycle.StageTrain)
	r.Stages = append(r.Stages[:4:4], stage(lifecycle.StageTrain, "2026-03-02T09:07:00Z", "", ""))
	r.Version.Status, r.Version.State, r.Version.ExpiresAt = "Failed", lifecycle.StateFailed, nil
	r.Tests, r.Verdict, r.Endpoint, r.Notes = []lifecycle.TestReport{}, nil, nil, []string{}
	r.Error = &lifecycle.Failure{
		Type: lifecycle.TrainingFailed, Code: ptr.text("InvalidData"), Message: "the service failed the training: none of the audio files is short enough",
		Object: ptr.text(`version "support-calls 2026-03-02 9c3e5a71"`), Problems: []lifecycle.Problem{},
		Next: ptr.text("cut the recordings to 40 s, look at them with: starter data check calls.zip --kind Acoustic --locale en-US --output json; " +
			"then start the run again"),
	}
	return r
}

func rolledBack() lifecycle.Report {
	r := lifecycle.NewReport("support-calls", "en-US")
	r.Outcome = lifecycle.Succeeded
	r.Stages = []lifecycle.StageRecord{
		stage(lifecycle.StageDeploy, "2026-03-09T08:00:00Z", "2026-03-09T08:06:00Z", ""),
		stage(lifecycle.StageVerify, "2026-03-09T08:06:00Z", "2026-03-09T08:06:02Z", ""),
	}
	r.WorkflowID = ptr.text("rollback/support-calls")
	r.Version = &lifecycle.VersionReport{
		ID: championID, DisplayName: "support-calls 2025-06-10 0b1c2d3e", Status: "Succeeded", State: lifecycle.StateChampion,
		ExpiresAt: ptr.time("2027-07-15T00:00:00Z"),
	}
	r.Champion = &lifecycle.ChampionReport{ID: versionID, DisplayName: "support-calls 2026-03-02 9c3e5a71", ExpiresAt: ptr.time("2028-04-15T00:00:00Z")}
	r.Approval = &lifecycle.ApprovalReport{
		By: "bob", Reason: "order numbers are heard wrongly since Monday", At: at("2026-03-09T08:00:00Z"),
		Answer: lifecycle.AnswerRollback,
	}
	r.Endpoint = &lifecycle.EndpointReport{ID: endpointID, URL: ptr.text(socket), PreviousVersionID: ptr.text(versionID), VersionID: ptr.text(championID)}
	r.Notes = []string{"version support-calls 2025-06-10 0b1c2d3e may serve until 15 July 2027"}
	return r
}

func inspected() lifecycle.Report {
	r := firstRun()
	r.Tests, r.Verdict, r.Endpoint = []lifecycle.TestReport{}, nil, nil
	r.BaseModel.DisplayName, r.BaseModel.Family = "20260115 Whisper Large V2", ptr.text(lifecycle.FamilyWhisper)
	r.Inspections = []lifecycle.Inspection{
		{Name: "hotline", DatasetID: "d4", Files: []lifecycle.InspectionFile{
			{Name: "call-001.wav", Text: ptr.text("good morning this is the support line of Contoso how can I help you with your order today")},
			{Name: "call-002.wav"},
		}},
		{Name: "branch", DatasetID: "d5", Files: []lifecycle.InspectionFile{}},
	}
	return r
}

func running() lifecycle.Report {
	r := firstRun()
	r.Outcome, r.Stage = lifecycle.Running, lifecycle.Ptr(lifecycle.StageApproval)
	r.WaitingFor = &lifecycle.Waiting{Kind: "approval", Since: at("2026-03-02T12:01:00Z"), Deadline: ptr.time("2026-03-05T12:01:00Z")}
	return r
}

func onlyAnError() lifecycle.Report {
	r := lifecycle.NewReport("", "")
	r.Outcome = lifecycle.Failed
	r.Error = &lifecycle.Failure{
		Type: lifecycle.InvalidRequest, Message: "the request has 2 problems", Next: ptr.text("correct the request, then start it again"),
		Problems: []lifecycle.Problem{
			{
				Path:    "training[0].file",
				Message: "a local file cannot be read by the workflow; upload it first: starter data upload notes.txt --kind Language --locale en-US",
			},
			{Path: "locale", Message: "is required"},
		},
	}
	return r
}
