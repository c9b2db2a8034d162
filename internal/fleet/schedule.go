package fleet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

// Policies of every schedule.
const (
	// catchUp is how long after an outage of Temporal a missed check is made up for.
	catchUp = 24 * time.Hour
	// renewTimeout bounds a check, so that one that hangs does not hold back all later ones.
	renewTimeout = time.Hour
)

// The keys of a schedule's memo: whose it is. That memo cannot be changed, so one that was made by hand and taken into a
// fleet has them in the memo of its action.
const (
	memoFleet = "fleet"
	memoOwner = "owner"
	// memoTiming is in the memo of the action, which can be changed: the timing as it was written, since the
	// server keeps a cron expression in another form.
	memoTiming = "schedule"
	// memoFleetID is there, too, and for the same reason: the id of the fleet's file, which may get one later.
	memoFleetID = "fleetId"
)

// schedule is what a Temporal Schedule should be, or is, in comparable form.
type schedule struct {
	input     []byte
	TaskQueue string
	timing    string
	FleetID   string
	Uploads   map[string]string
	jitter    time.Duration
	zone      string
	overlap   enumspb.ScheduleOverlapPolicy
	catchUp   time.Duration
	onFailure bool
	timeout   time.Duration
	workflow  string
	summary   string
	// takenInto and takenFor are the fleet and owner that a schedule made by hand was taken into; empty for any other.
	takenInto, takenFor string
	// times counts what the server made of the timing: none when somebody has taken it away.
	times int
}

// wanted is the schedule of a model.
func wanted(m Model) schedule {
	return schedule{
		input: m.Raw, TaskQueue: m.TaskQueue, FleetID: m.fleetID, Uploads: m.Uploads, takenInto: m.takenInto, takenFor: m.takenFor,
		timing: m.schedule.String(), jitter: m.schedule.Jitter.Std(), zone: m.schedule.TimeZone,
		overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, catchUp: catchUp, timeout: renewTimeout,
		workflow: workflows.TypeRenew, summary: "Check " + m.Title() + ", and retrain it when it is due", times: 1,
	}
}

// existing is a schedule as Temporal describes it.
func existing(s client.Schedule) schedule {
	have := schedule{}
	if p := s.Policy; p != nil {
		have.overlap, have.catchUp, have.onFailure = p.Overlap, p.CatchupWindow, p.PauseOnFailure
	}
	if s.Spec != nil {
		have.jitter, have.zone = s.Spec.Jitter, s.Spec.TimeZoneName
		have.times = len(s.Spec.Calendars) + len(s.Spec.Intervals) + len(s.Spec.CronExpressions)
	}
	action, is := s.Action.(*client.ScheduleWorkflowAction)
	if !is {
		return have
	}
	have.TaskQueue, have.timeout, have.summary = action.TaskQueue, action.WorkflowExecutionTimeout, action.StaticSummary
	have.workflow = fmt.Sprint(action.Workflow)
	if len(action.Args) == 1 {
		if payload, is := action.Args[0].(*commonpb.Payload); is {
			have.input = payload.GetData()
		}
	}
	have.timing, have.FleetID = cmp.Or(MemoText(action.Memo[memoTiming]), firing(s.Spec)), MemoText(action.Memo[memoFleetID])
	have.Uploads = memoTexts(action.Memo[memoUploads])
	have.takenInto, have.takenFor = MemoText(action.Memo[memoFleet]), MemoText(action.Memo[memoOwner])
	return have
}

// MemoText reads a value of a memo, which comes as it was given or as a payload.
func MemoText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case *commonpb.Payload:
		var text string
		if v != nil && converter.GetDefaultDataConverter().FromPayload(v, &text) == nil {
			return text
		}
	}
	return ""
}

// Options are those to create the schedule with.
func (m Model) Options(fleetName, owner string) client.ScheduleOptions {
	w := wanted(m)
	return client.ScheduleOptions{
		ID: workflows.ScheduleID(m.Name), Spec: m.spec(), Action: m.action(w), Overlap: w.overlap, CatchupWindow: w.catchUp,
		Memo: map[string]any{memoFleet: fleetName, memoOwner: owner}, Note: m.note(fleetName),
	}
}

// note says on the schedule's page what it is for. It is written once: from then on the note is the operators'.
func (m Model) note(fleetName string) string {
	return visible.Line(fmt.Sprintf("Checks %s (%s), sends its alarms, and starts %s when it is due. %s, fleet %s: change it there.",
		m.Title(), m.Locale, workflows.RetrainID(m.Name), words.Made, fleetName))
}

// Changed is a schedule made what that of the model should be. What an operator has set, pause and note, stays.
func (m Model) Changed(have client.Schedule) client.Schedule {
	spec, w := m.spec(), wanted(m)
	have.Spec, have.Action = &spec, m.action(w)
	have.Policy = &client.SchedulePolicies{Overlap: w.overlap, CatchupWindow: w.catchUp}
	return have
}

func (m Model) spec() client.ScheduleSpec {
	spec := client.ScheduleSpec{Jitter: m.schedule.Jitter.Std(), TimeZoneName: m.schedule.TimeZone}
	if m.schedule.Cron != "" {
		spec.CronExpressions = []string{m.schedule.Cron}
	} else {
		spec.Intervals = []client.ScheduleIntervalSpec{{Every: m.schedule.Every.Std()}}
	}
	return spec
}

func (m Model) action(w schedule) *client.ScheduleWorkflowAction {
	memo := map[string]any{memoTiming: w.timing}
	if w.FleetID != "" {
		memo[memoFleetID] = w.FleetID
	}
	if len(w.Uploads) > 0 {
		memo[memoUploads] = w.Uploads
	}
	if w.takenInto != "" {
		memo[memoFleet], memo[memoOwner] = w.takenInto, w.takenFor
	}
	return &client.ScheduleWorkflowAction{
		ID: workflows.ScheduleID(m.Name), Workflow: w.workflow, Args: []any{json.RawMessage(w.input)}, TaskQueue: w.TaskQueue,
		WorkflowExecutionTimeout: w.timeout, StaticSummary: visible.Summary(w.summary), Memo: memo,
		StaticDetails: "Asked for by schedule " + visible.Code(workflows.ScheduleID(m.Name)) + ", " + visible.Escape(w.timing),
	}
}

// byHand says whose a schedule is that no fleet has.
const byHand = "(made by hand)"

// differences are what would change, one line for each value, in the order of their paths.
func differences(have, want schedule) []string {
	var lines []string
	add := func(what string, before, after any) {
		if !reflect.DeepEqual(before, after) {
			lines = append(lines, fmt.Sprintf("%s: %v -> %v", what, before, after))
		}
	}
	add("fleet", cmp.Or(have.takenInto, byHand), cmp.Or(want.takenInto, byHand))
	taken := len(lines)
	add("schedule", have.timing, want.timing)
	if len(lines) == taken {
		add("jitter", have.jitter, want.jitter)
		add("timeZone", have.zone, want.zone)
		if have.times != want.times {
			lines = append(lines, fmt.Sprintf("schedule: changed by hand -> %s", want.timing))
		}
	}
	add("fleetId", cmp.Or(have.FleetID, "(none)"), cmp.Or(want.FleetID, "(none)"))
	add("taskQueue", have.TaskQueue, want.TaskQueue)
	add("workflow", have.workflow, want.workflow)
	add("overlap", have.overlap, want.overlap)
	add("catchUpWindow", have.catchUp, want.catchUp)
	add("pauseOnFailure", have.onFailure, want.onFailure)
	add("executionTimeout", have.timeout, want.timeout)
	add("summary", have.summary, want.summary)
	before, after := flatten(have.input), flatten(want.input)
	paths := slices.Sorted(maps.Keys(merge(before, after)))
	for _, path := range paths {
		add("input."+path, shown(before, path), shown(after, path))
	}
	if len(lines) == 0 && !maps.Equal(have.Uploads, want.Uploads) {
		lines = append(lines, "files: their content is noted, for the next comparison")
	}
	return lines
}

func shown(values map[string]any, path string) string {
	value, there := values[path]
	if !there {
		return "(none)"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// flatten is a JSON document as its leaves by path.
func flatten(raw []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	leaves := map[string]any{}
	if len(raw) == 0 {
		return leaves
	}
	if err := decoder.Decode(&value); err != nil {
		leaves["(unreadable)"] = string(raw)
		return leaves
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, below := range v {
				walk(strings.TrimPrefix(path+"."+key, "."), below)
			}
		case []any:
			for i, below := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), below)
			}
		default:
			leaves[path] = v
		}
	}
	walk("", value)
	return leaves
}

// memoUploads is in the memo of a schedule's action: the datasets of its local files by their display names, which end
// in the content's identity. So a file can be told to be unchanged without asking the service.
const memoUploads = "uploads"

// memoTexts reads texts by name from a memo, which come as they were given or as a payload.
func memoTexts(value any) map[string]string {
	var texts map[string]string
	switch v := value.(type) {
	case map[string]string:
		return v
	case *commonpb.Payload:
		if v == nil || converter.GetDefaultDataConverter().FromPayload(v, &texts) != nil {
			return nil
		}
	}
	return texts
}
