package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/words"
)

// deadPoller is the age of its last poll from which a worker is taken as gone: a poll lasts up to 70 s, and Temporal lists
// pollers for five minutes.
const deadPoller = 90 * time.Second

// QueueSeen is a task queue, and who polls it.
type QueueSeen struct {
	Name string
	// Fault is why it could not be read; empty when it could.
	Fault string
	// Workers poll for workflows or activities, Workflows and Activities how many for each.
	Workers, Workflows, Activities int
	// Youngest is the age of the last poll, Builds are the programs that poll, as the SDK tells them apart.
	Youngest time.Duration
	Builds   []string
}

// SeeQueue reads who polls a task queue.
func SeeQueue(ctx context.Context, s follow.Session, name string, now time.Time) QueueSeen {
	seen := QueueSeen{Name: name, Youngest: deadPoller}
	workers := map[string]bool{}
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		d, err := s.DescribeTaskQueue(call, name, kind)
		cancel()
		if err != nil {
			seen.Fault = err.Error()
			return seen
		}
		of := 0
		for _, p := range d.GetPollers() {
			age := now.Sub(p.GetLastAccessTime().AsTime())
			if age >= deadPoller {
				continue
			}
			of++
			workers[p.GetIdentity()] = true
			seen.Youngest = min(seen.Youngest, max(age, 0))
			//lint:ignore SA1019 a worker without a deployment version tells its build in this field alone
			if build := p.GetWorkerVersionCapabilities().GetBuildId(); build != "" && !slices.Contains(seen.Builds, build) {
				seen.Builds = append(seen.Builds, build)
			}
		}
		if kind == enumspb.TASK_QUEUE_TYPE_WORKFLOW {
			seen.Workflows = of
		} else {
			seen.Activities = of
		}
	}
	seen.Workers = len(workers)
	return seen
}

// Findings are what follows from who polls.
func (q QueueSeen) Findings(namespace string) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaWorker}
	start := "start one with: worker --task-queue " + q.Name
	switch {
	case q.Fault != "":
		f.Add(lifecycle.FindingUnknown, "polls", "look with: temporal task-queue describe --task-queue "+q.Name, "task queue %s cannot be read: %s", q.Name, q.Fault)
	case q.Workers == 0:
		f.Add(lifecycle.FindingError, "polls", start, "no worker polls task queue %s in namespace %s: nothing is checked, and runs wait", q.Name, namespace)
	case q.Workflows == 0 || q.Activities == 0:
		f.Add(lifecycle.FindingError, "polls", "see the worker's log, or "+start,
			"task queue %s is polled for one kind of task only (workflows %d, activities %d)", q.Name, q.Workflows, q.Activities)
	default:
		f.OK("polls", "%s task queue %s, the last %s ago", polling(q.Workers), q.Name, words.Elapsed(q.Youngest))
	}
	if len(q.Builds) > 1 {
		f.Add(lifecycle.FindingWarning, "builds", "right during a change of release; else restart the older ones",
			"workers of %d different builds poll task queue %s", len(q.Builds), q.Name)
	}
	return f.List
}

// Elsewhere are the findings on settings of a Speech resource that none of the workers that have answered works on.
func Elsewhere(here Here) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaWorker}
	f.Add(lifecycle.FindingWarning, "resource", "set SPEECH_ENDPOINT (or SPEECH_REGION) here as it is set where a worker runs",
		"no worker that was asked works on %s, the resource of the settings here: none would find a local file that is uploaded from here", here.Resource)
	return f.List
}

func polling(n int) string {
	if n == 1 {
		return "1 worker polls"
	}
	return fmt.Sprintf("%d workers poll", n)
}

// Silent is the finding on a worker that did not tell what it sees.
func Silent(queue, why, next string) lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaWorker}
	f.Add(lifecycle.FindingError, "answers", next, "no worker of task queue %s tells what it sees: %s", queue, why)
	return f.List[0]
}

// Here is what starter knows of itself.
type Here struct {
	// Release is its own, Owner whose schedules it makes.
	Release, Owner string
	// Resource is the host of the Speech resource of its own settings; empty without.
	Resource string
}

// Uploads tells that local files would go to the resource that a worker works on.
func (h Here) Uploads(e lifecycle.Examined) bool { return strings.EqualFold(e.Resource, h.Resource) }

// Answered are the findings on how a worker that has answered fits to starter and to the others of its queue. files are the
// models of the queue that have local files: a fleet may be on several resources, but those are uploaded to starter's own.
func (q QueueSeen) Answered(e lifecycle.Examined, here Here, files []string) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaWorker}
	one := ""
	if q.Workers > 1 {
		one = fmt.Sprintf(": one of %d, the others may be set up otherwise", q.Workers)
	}
	if e.Release == here.Release {
		f.OK("answers", "release %s, as starter%s", e.Release, one)
	} else {
		f.Add(lifecycle.FindingWarning, "release", "run starter and workers of one release",
			"the worker is of release %s, starter of %s%s", e.Release, here.Release, one)
	}
	if e.Owner != here.Owner {
		f.Add(lifecycle.FindingWarning, "owner", "set RETRAINER_OWNER here as it is set where the worker runs",
			"the worker marks what it makes as owner %q, starter marks schedules as %q", e.Owner, here.Owner)
	}
	switch {
	case here.Resource == "" || here.Uploads(e):
	case len(files) > 0:
		f.Add(lifecycle.FindingError, "resource", "set SPEECH_ENDPOINT (or SPEECH_REGION) here as it is set where the worker runs",
			"the worker works on %s, starter would upload the local files of %s to %s", e.Resource, words.Some(files), here.Resource)
	default:
		f.OK("resource", "the worker works on %s, the settings here are of %s: right as long as no model of its queue has a local file", e.Resource, here.Resource)
	}
	// A little more than the whole is the rounding of thirds.
	if all := e.Requests.Share * float64(q.Workers); all > 1.01 {
		f.Add(lifecycle.FindingWarning, "share", fmt.Sprintf("set SPEECH_QUOTA_SHARE=1/%d where each worker runs", q.Workers),
			"%d workers with a share of %.2g each may send more requests than the resource takes", q.Workers, e.Requests.Share)
	}
	return f.List
}
