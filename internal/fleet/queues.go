package fleet

import (
	"fmt"
	"slices"
	"strings"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/meant"
	"speech-retrainer/internal/words"
)

// On is the fleet of which only the models of these task queues are applied; all when none is named. The error names one
// that no model is of.
func (f Fleet) On(queues []string) (Fleet, error) {
	var known []string
	for _, m := range f.Models {
		known = append(known, m.TaskQueue)
	}
	for _, queue := range queues {
		if slices.Contains(known, queue) {
			continue
		}
		refused := exit.Refuse(lifecycle.InvalidRequest, "%s has no model of task queue %q", f.Doc.Name, queue)
		if near := meant.Nearest(queue, known); near != "" {
			return f, refused.Next("did you mean %s?", near)
		}
		slices.Sort(known)
		return f, refused.Next("its models are of: %s", strings.Join(slices.Compact(known), ", "))
	}
	f.queues = queues
	return f, nil
}

// Chosen are the models that are applied.
func (f Fleet) Chosen() []Model {
	return slices.DeleteFunc(slices.Clone(f.Models), func(m Model) bool { return !f.chosen(m) })
}

func (f Fleet) chosen(m Model) bool {
	return len(f.queues) == 0 || slices.Contains(f.queues, m.TaskQueue)
}

// Filed are the task queues of the models that are applied and have local files, in the order of the file.
func (f Fleet) Filed() []string {
	var queues []string
	for _, m := range f.Chosen() {
		if len(m.Files()) > 0 && !slices.Contains(queues, m.TaskQueue) {
			queues = append(queues, m.TaskQueue)
		}
	}
	return queues
}

// Placed holds the local files of a fleet against where they would go: host is that of the Speech resource that they
// would be uploaded to, told what the workers of each task queue of Filed tell of theirs. A dataset is of one resource: on
// any other its ID leads nowhere. The error has all queues whose files may not go there.
func (f Fleet) Placed(host string, told map[string][]string) error {
	queues := f.Filed()
	r := &reader{doc: f.Doc}
	var heads, advice, right []string
	for _, queue := range queues {
		message, next := misplaced(queue, host, told[queue], len(queues) == 1)
		if message == "" {
			right = append(right, "--task-queue "+queue)
			continue
		}
		var names []string
		first := -1
		for i, m := range f.Models {
			if m.TaskQueue == queue && len(m.Files()) > 0 {
				names = append(names, m.Name)
				if first < 0 {
					first = i
				}
			}
		}
		path := fmt.Sprintf("models[%d].taskQueue", first)
		message = words.Some(names) + ": " + message
		next += ", and: starter apply --file " + f.Doc.argument() + " --task-queue " + queue
		r.problem(r.lineOf(fmt.Sprintf("models[%d]", first), "taskQueue"), path, "%s; %s", message, next)
		heads, advice = append(heads, message), append(advice, next)
	}
	if len(r.problems) == 0 {
		return nil
	}
	refused := r.told(heads, advice)
	refused.Cause.Type = lifecycle.WrongResource
	switch {
	case len(right) > 0:
		return refused.Next("with the settings as they are: starter apply --file %s %s", f.Doc.argument(), strings.Join(right, " "))
	case len(queues) > 1:
		return refused.Next("apply the models of one Speech resource at a time: starter apply --file %s --task-queue QUEUE", f.Doc.argument())
	}
	return refused
}

// Placed is Fleet.Placed for the files of one request, whose run is for the worker of a task queue.
func (g Given) Placed(queue, host string, told []string) error {
	message, next := misplaced(queue, host, told, true)
	if message == "" {
		return nil
	}
	refused := exit.Refuse(lifecycle.WrongResource, "%s: %s", g.Name, message)
	refused.Name, refused.Locale = g.Name, g.Locale
	return refused.Next("%s, or name the task queue of the worker for %s with --task-queue", next, host)
}

// misplaced says why local files for a task queue may not be uploaded to the resource of the host here, and what to do;
// empty when they may. With only one queue that nobody tells of, the settings are believed.
func misplaced(queue, here string, told []string, only bool) (message, next string) {
	switch {
	case len(told) == 0 && only, len(told) == 1 && strings.EqualFold(told[0], here):
		return "", ""
	case len(told) == 0:
		return fmt.Sprintf("no worker of task queue %s tells which Speech resource it works on: it cannot be known whether local files go to %s", queue, here),
			"start it (worker --task-queue " + queue + "), or set SPEECH_ENDPOINT (or SPEECH_REGION) and the key here to those of its resource"
	case len(told) > 1:
		return fmt.Sprintf("the workers of task queue %s work on different Speech resources: %s", queue, strings.Join(told, ", ")),
			"restart those that are set up wrongly (one that has stopped is listed for 90 seconds more)"
	}
	return fmt.Sprintf("local files would be uploaded to %s, but the worker of task queue %s works on %s: it would not find them", here, queue, told[0]),
		"set SPEECH_ENDPOINT (or SPEECH_REGION) and the key here to those of " + told[0]
}

// Left are the models of other task queues, which are not applied.
func (f Fleet) Left() []string {
	left := []string{}
	for _, m := range f.Models {
		if !f.chosen(m) {
			left = append(left, m.Name)
		}
	}
	return left
}
