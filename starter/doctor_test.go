package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/build"
	"speech-retrainer/internal/config"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/sample"
)

// wellSet is a set-up in which nothing is amiss.
func wellSet() *fakeTemporal {
	f := &fakeTemporal{polled: sample.Noon.Add(-3 * time.Second), kept: map[string]*client.ScheduleDescription{"renew/desk": checked("desk")}}
	f.set.retention, f.set.attributes = 30*24*time.Hour, allAttributes()
	f.set.worker = lifecycle.Examined{
		Release: build.Read().Version, Owner: "default", Home: "home-1", Resource: "westeurope.api.cognitive.microsoft.com",
		APIVersion: "2025-10-15", Credential: "key", Requests: lifecycle.RequestsExamined{Share: 1, Most: 90, Sent: 4},
		ObservedAt: sample.Noon, LookedAt: sample.Noon.Add(2 * time.Second),
		Locales: []lifecycle.LocaleExamined{{Locale: "en-US", Base: "20260908", Usable: 3, EndsAt: lifecycle.Ptr(sample.Noon.AddDate(1, 0, 0))}},
		Room:    lifecycle.Room{Endpoints: lifecycle.Stock{Have: 3, Quota: 50}, Datasets: lifecycle.Stock{Have: 120, Quota: 500}},
		Owners:  []lifecycle.Counted{{Of: "default", Count: 31}},
		Links:   []lifecycle.LinkExamined{{Model: "desk", Path: "training[0]", Host: "data.example", Seen: true}},
		Hooks:   []lifecycle.HookExamined{{Env: "OPS_WEBHOOK"}}, Signs: true,
	}
	return f
}

// checked is the schedule of a model as apply makes it.
func checked(name string) *client.ScheduleDescription {
	d := renewed("speech-retrainer", "")
	d.Schedule.Action.(*client.ScheduleWorkflowAction).Args = []any{payload(json.RawMessage(fmt.Sprintf(
		`{"name": %q, "locale": "en-US", "training": [{"dataset": "calls"}]}`, name)))}
	d.Info.NextActionTimes = append(d.Info.NextActionTimes, nextCheck.Add(24*time.Hour))
	return d
}

// What doctor prints, and how it ends.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(f *fakeTemporal)
		env    env
		look   lifecycle.Examined
		code   int
	}{
		"fine": {code: exit.Done},
		"warnings": {
			code: exit.Changes,
			change: func(f *fakeTemporal) {
				f.set.retention = 24 * time.Hour
				delete(f.set.attributes, "SpeechStage")
				delete(f.set.attributes, "SpeechExpiry")
				f.set.worker.Room.Datasets.Have = 430
				f.set.worker.Links[0].SignedUntil = lifecycle.Ptr(sample.Noon.Add(5 * 24 * time.Hour))
				f.set.worker.Owners = append(f.set.worker.Owners, lifecycle.Counted{Of: "team-b", Count: 7})
				f.set.worker.Signs = false
				f.kept["renew/desk"].Schedule.State.Paused = true
				f.kept["renew/desk"].Schedule.State.Note = "ann: the data moves"
			},
		},
		"broken": {
			code: exit.Failed,
			env: env{
				"SPEECH_REGION": "westus", "SPEECH_KEY": "k", "RETRAINER_OWNER": "team-a", "TEMPORAL_ADDRESS": "temporal.example:7233",
			},
			look: lifecycle.Examined{Resource: "westus.api.cognitive.microsoft.com", Failure: &lifecycle.Failure{
				Message: "Models_ListSupportedLocales: 401 Unauthorized: 401",
				Next:    lifecycle.Ptr("check SPEECH_KEY (or SPEECH_KEY_FILE), or the role of the Entra identity"),
			}},
			change: func(f *fakeTemporal) {
				f.set.attributes["SpeechModel"] = enumspb.INDEXED_VALUE_TYPE_TEXT
				f.set.worker.Links = append(f.set.worker.Links,
					lifecycle.LinkExamined{Model: "desk", Path: "tests[0]", Env: "CALLS_URL", Host: "data.example", Fault: "answered 403 Forbidden"},
					lifecycle.LinkExamined{
						Model: "field", Path: "training[1]", Env: "MAY_URL", Host: "data.example", SignedUntil: lifecycle.Ptr(sample.Noon.Add(-24 * time.Hour)),
					})
				f.set.worker.Hooks[0].Fault = "the worker has no environment variable OPS_WEBHOOK"
				f.set.worker.Locales[0] = lifecycle.LocaleExamined{Locale: "xx-XX", Reason: "the service lists no base model for xx-XX"}
			},
		},
		"wrong-key": {
			code: exit.Failed,
			change: func(f *fakeTemporal) {
				f.set.worker = lifecycle.Examined{
					Release: build.Read().Version, Owner: "default", Resource: "westeurope.api.cognitive.microsoft.com",
					Failure: &lifecycle.Failure{
						Type: lifecycle.Unauthorized, Message: "Models_ListSupportedLocales: 401 Unauthorized",
						Next: lifecycle.Ptr("check SPEECH_KEY where the worker runs"),
					},
				}
			},
		},
		"no-worker": {
			code:   exit.Failed,
			change: func(f *fakeTemporal) { f.polled, f.kept = time.Time{}, nil },
		},
		"no-answer": {
			code:   exit.Failed,
			change: func(f *fakeTemporal) { f.set.answerErr = asServer(errors.New("unknown workflow type Doctor")) },
		},
		"no-namespace": {
			code:   exit.Failed,
			change: func(f *fakeTemporal) { f.set.namespaceErr = serviceerror.NewNamespaceNotFound("default") },
		},
		"bad-settings": {
			code: exit.Failed,
			env: env{
				"SPEECH_ENDPOINT": "https://desk.cognitiveservices.azure.com", "SPEECH_REGION": "westus",
				"TEMPORAL_ADDRESS": "temporal.example:7233", "TEMPORAL_API_KEY": "hush", "TEMPORAL_TLS": "false",
			},
		},
		"unreachable": {
			code:   exit.Unreachable,
			change: func(f *fakeTemporal) { f.dialErr = serviceerror.NewUnavailable("connection refused") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := wellSet()
				if tc.change != nil {
					tc.change(f)
				}
				o := Options{
					Args: []string{"doctor"}, Env: tc.env,
					Look: func(context.Context, config.Settings) lifecycle.Examined { return tc.look },
				}
				got := executeOptions(t.Context(), f, o)
				require.Equal(t, tc.code, got.code, "%s\n%s", got.stdout, got.stderr)
				require.Empty(t, got.stderr)
				sample.Narrow(t, got.stdout)
				sample.Golden(t, "doctor-"+name, got.stdout)
			})
		})
	}
}

// A fleet of which apply would refuse a model, and which has one that no schedule checks.
func TestDoctorOfAFleet(t *testing.T) {
	t.Parallel()
	const file = `fleet: prod
defaults:
  locale: en-US
  training: [{dataset: calls}]
  notify: [{urlFrom: {env: OPS_WEBHOOK}, on: [failed]}]
models:
  - name: desk
  - name: field
    taskQueue: west
    schedule: {every: 60d}
`
	bubble(t, func(t *testing.T) {
		f := wellSet()
		got := executeOptions(t.Context(), f, Options{Args: []string{"doctor", "-f", "-"}, Stdin: strings.NewReader(file)})
		require.Equal(t, exit.Failed, got.code, got.stderr)
		require.EqualValues(t, 2, f.set.asked.Load(), "each queue is asked")
		sample.Narrow(t, got.stdout)
		sample.Golden(t, "doctor-fleet", got.stdout)
	})
}

// A queue that is named is the only one that is looked at, with the models on it: of the schedules, and of a fleet.
func TestDoctorOfOneQueue(t *testing.T) {
	t.Parallel()
	const file = `fleet: prod
defaults: {locale: en-US, training: [{dataset: calls}]}
models:
  - name: desk
  - name: crew
    taskQueue: west
  - name: field
    taskQueue: west
`
	for args, want := range map[string]struct {
		asked, says string
		silent      []string
	}{
		"":                              {asked: "[speech-retrainer west]", says: "2 schedules fire often enough"},
		"--task-queue west":             {asked: "[west]", says: "1 schedule fires often enough", silent: []string{"queue speech-retrainer", "crew: has"}},
		"--task-queue speech-retrainer": {asked: "[speech-retrainer]", says: "1 schedule fires often enough", silent: []string{"queue west"}},
		"--task-queue east": {
			asked: "[east]", says: "checks: no model on task queue east has a schedule:", silent: []string{"fires", "queue speech-retrainer", "queue west"},
		},
		"--file -":                   {asked: "[speech-retrainer west]", says: "crew: has no schedule"},
		"--file - --task-queue west": {asked: "[west]", says: "crew: has no schedule", silent: []string{"queue speech-retrainer"}},
		"--file - --task-queue east": {
			asked: "[east]", says: "fleet: no model of the file is on task queue east", silent: []string{"has no schedule", "queue west"},
		},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := wellSet()
				f.kept["renew/field"] = checked("field")
				f.kept["renew/field"].Schedule.Action.(*client.ScheduleWorkflowAction).TaskQueue = "west"
				got := executeOptions(t.Context(), f, Options{Args: append([]string{"doctor"}, strings.Fields(args)...), Stdin: strings.NewReader(file)})
				require.Empty(t, got.stderr)
				slices.Sort(f.set.queues)
				require.Equal(t, want.asked, fmt.Sprint(slices.Compact(f.set.queues)), got.stdout)
				text := strings.Join(strings.Fields(got.stdout), " ")
				require.Contains(t, text, want.says)
				for _, silent := range want.silent {
					require.NotContains(t, text, silent)
				}
			})
		})
	}
}

// Before the first model there is nothing that could expire unseen; as soon as something of ours is there, there is.
func TestDoctorBeforeTheFirstModel(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(f *fakeTemporal)
		code   int
		says   string
	}{
		"nothing of ours": {
			func(f *fakeTemporal) { f.set.worker.Owners = nil }, exit.Done,
			"ok checks: no model has a schedule yet, and nothing on the resource is ours",
		},
		"of another owner": {
			func(f *fakeTemporal) { f.set.worker.Owners = []lifecycle.Counted{{Of: "team-b", Count: 7}} }, exit.Changes,
			"ok checks: no model has a schedule yet, and nothing on the resource is ours",
		},
		"something of ours": {func(*fakeTemporal) {}, exit.Changes, "warning checks: no model has a schedule: nothing expires in anybody's sight"},
		"nobody could look": {
			func(f *fakeTemporal) {
				f.set.worker.Owners, f.set.worker.Failure = nil, &lifecycle.Failure{Message: "401"}
			}, exit.Failed,
			"warning checks: no model has a schedule: nothing expires in anybody's sight",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := wellSet()
				f.kept = nil
				tc.change(f)
				got := execute(t.Context(), f, "doctor")
				require.Contains(t, strings.Join(strings.Fields(got.stdout), " "), tc.says)
				require.Equal(t, tc.code, got.code, got.stdout)
			})
		})
	}
}

// Machines get the same findings, also when Temporal cannot be reached.
func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	for code, change := range map[int]func(f *fakeTemporal){
		exit.Done:        func(*fakeTemporal) {},
		exit.Unreachable: func(f *fakeTemporal) { f.dialErr = serviceerror.NewUnavailable("connection refused") },
	} {
		bubble(t, func(t *testing.T) {
			f := wellSet()
			change(f)
			got := execute(t.Context(), f, "doctor", "-o", "json")
			require.Equal(t, code, got.code, got.stderr)
			var printed struct {
				Status   lifecycle.FindingStatus
				Findings []lifecycle.Finding
			}
			require.NoError(t, json.Unmarshal([]byte(got.stdout), &printed), got.stdout)
			require.Equal(t, lifecycle.Worst(printed.Findings), printed.Status)
			for _, found := range printed.Findings {
				require.Contains(t, lifecycle.Areas(), found.Area)
				require.Equal(t, found.Status == lifecycle.FindingOK, found.Next == nil, "%+v", found)
			}
		})
	}
}

// A worker that polled minutes ago is gone, although Temporal still lists it.
func TestDoctorSeesThatAWorkerIsGone(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]int{89 * time.Second: exit.Done, 90 * time.Second: exit.Failed} {
		bubble(t, func(t *testing.T) {
			f := wellSet()
			f.polled = sample.Noon.Add(-age)
			got := execute(t.Context(), f, "doctor")
			require.Equal(t, want, got.code, got.stdout)
			require.Equal(t, want == exit.Failed, strings.Contains(got.stdout, "no worker polls task queue speech-retrainer"))
		})
	}
}

// A worker reads at most a hundred requests at once; what it says of itself is told once all the same.
func TestDoctorOfManyModels(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := wellSet()
		for i := range 150 {
			name := fmt.Sprintf("m-%d", i)
			f.kept["renew/"+name] = checked(name)
		}
		got := execute(t.Context(), f, "doctor")
		require.Equal(t, exit.Done, got.code, got.stdout)
		require.EqualValues(t, 2, f.set.asked.Load())
		require.Equal(t, 1, strings.Count(got.stdout, "3 of 50 endpoints"))
		require.Equal(t, 2, strings.Count(got.stdout, "desk training[0]"), "what both answers say of data")
		require.Contains(t, got.stdout, "151 schedules fire often enough")
	})
}
