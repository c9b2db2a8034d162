package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"speech-retrainer/internal/decode"
	"speech-retrainer/internal/doctor"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// longestTraining is how long a training of the models may last.
func longestTraining(models []fleet.Model) lifecycle.Duration {
	if len(models) == 0 {
		return lifecycle.DefaultRequest().Limits.Training
	}
	var longest lifecycle.Duration
	for _, m := range models {
		longest = max(longest, m.Limits.Training)
	}
	return longest
}

// askWorker looks who polls a task queue, and asks one of them what it sees of its set-up and of the models.
func (a *app) askWorker(ctx context.Context, server follow.Session, s *setUp, queue string) {
	seen := doctor.SeeQueue(ctx, server, queue, time.Now())
	found := seen.Findings(server.Namespace)
	bare := false
	if seen.Fault == "" && seen.Workers > 0 {
		examined, err := askDoctor(ctx, server, queue, s.models)
		if err != nil {
			why := exit.As(err)
			next := "see the worker's log"
			if why.Cause.Next != nil {
				next = *why.Cause.Next
			}
			found = append(found, doctor.Silent(queue, why.Cause.Message, next))
		} else {
			files := s.filed(queue)
			found = append(found, seen.Answered(examined, s.here, files)...)
			s.answered, s.placed = true, s.placed || s.here.Uploads(examined) || len(files) > 0
			found = append(found, examined.Findings...)
			bare = examined.Failure == nil && !slices.ContainsFunc(examined.Owners, func(o lifecycle.Counted) bool { return o.Of == examined.Owner })
		}
	}
	s.bare = s.bare && bare
	if len(s.queues(queue)) > 1 {
		for i := range found {
			found[i].Check += " on " + queue
		}
	}
	s.add(found...)
}

// filed are the models of a task queue that have local files.
func (s *setUp) filed(queue string) []string {
	var names []string
	for _, m := range s.models {
		if m.TaskQueue == queue && len(m.Files()) > 0 {
			names = append(names, m.Name)
		}
	}
	return names
}

// askDoctor asks a worker what it sees, for many models in several questions. The error is a *exit.Failure.
func askDoctor(ctx context.Context, server follow.Session, queue string, models []fleet.Model) (lifecycle.Examined, error) {
	var all [][]byte
	for _, m := range models {
		if m.TaskQueue == queue {
			all = append(all, m.Raw)
		}
	}
	q := follow.Question{
		ID: "doctor", TaskQueue: queue, Workflow: workflows.TypeDoctor, Input: struct{}{}, About: "ask the worker what it sees of its set-up",
		Summary: "Look at the worker's own set-up",
	}
	var seen lifecycle.Examined
	if len(all) == 0 {
		return seen, server.Ask(ctx, q, &seen)
	}
	for n, some := range follow.Batches(all) {
		var input decode.PlansInput
		for _, i := range some {
			input.Requests = append(input.Requests, json.RawMessage(all[i]))
		}
		var part lifecycle.Examined
		q.Input = input
		if err := server.Ask(ctx, q, &part); err != nil {
			return seen, err
		}
		if n == 0 {
			seen = part
		} else {
			seen = seen.And(part)
		}
	}
	return seen, nil
}

// mostFine is how many checks of an area are shown one by one that found nothing.
const mostFine = 8

// showFindings prints what was found, area by area: what is amiss first.
func (a *app) showFindings(found []lifecycle.Finding) {
	if a.out.JSON {
		a.out.Value(struct {
			Status   lifecycle.FindingStatus `json:"status"`
			Findings []lifecycle.Finding     `json:"findings"`
		}{lifecycle.Worst(found), ordered(found)})
		return
	}
	counts := map[lifecycle.FindingStatus]int{}
	area, fine := "", 0
	more := func() {
		if fine > mostFine {
			a.out.Print("  ok       and %s more", words.Number(int64(fine-mostFine)))
		}
		fine = 0
	}
	for _, f := range ordered(found) {
		counts[f.Status]++
		if f.Area != area {
			more()
			area = f.Area
			a.out.Print("%s", area)
		}
		if f.Status == lifecycle.FindingOK {
			if fine++; fine > mostFine {
				continue
			}
		}
		a.out.PrintLines(a.findingLines(f))
	}
	more()
	a.out.Print("")
	a.out.Print("%s, %s, %d ok, %d unknown", words.Count(counts[lifecycle.FindingError], "error"), words.Count(counts[lifecycle.FindingWarning], "warning"),
		counts[lifecycle.FindingOK], counts[lifecycle.FindingUnknown])
}

// findingLines are one finding, in words of 80 columns.
func (a *app) findingLines(f lifecycle.Finding) []string {
	label := fmt.Sprintf("%-8s", f.Status)
	lines := words.Hang(visible.Line(f.Check+": "+f.Message), words.Width-13, 0, 2)
	for i := range lines {
		if i > 0 {
			lines[i] = "           " + lines[i]
			continue
		}
		switch f.Status {
		case lifecycle.FindingOK:
			label = a.out.Paint().Good(label)
		case lifecycle.FindingError:
			label = a.out.Paint().Bad(label)
		default:
			label = a.out.Paint().Busy(label)
		}
		lines[i] = "  " + label + " " + lines[i]
	}
	if f.Next != nil {
		for _, line := range words.Hang("-> "+visible.Line(*f.Next), words.Width-16, 0, 3) {
			lines = append(lines, "             "+line)
		}
	}
	return lines
}

// ordered are findings by area, what is amiss first.
func ordered(found []lifecycle.Finding) []lifecycle.Finding {
	urgency := []lifecycle.FindingStatus{lifecycle.FindingError, lifecycle.FindingWarning, lifecycle.FindingUnknown, lifecycle.FindingOK}
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(x, y lifecycle.Finding) int {
		if by := slices.Index(lifecycle.Areas(), x.Area) - slices.Index(lifecycle.Areas(), y.Area); by != 0 {
			return by
		}
		return slices.Index(urgency, x.Status) - slices.Index(urgency, y.Status)
	})
	return sorted
}
