package campaign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.temporal.io/sdk/client"

	"speech-retrainer/internal/stack"
	"speech-retrainer/workflows"
)

// The keys by which the service's log tells who is not the lane's own worker.
const (
	person    = "person"
	neighbour = "neighbour"
)

// otherLocale is the second installation's, when it uses the same name in another locale.
const otherLocale = "de-DE"

// village is the neighbours of a seed at work.
type village struct {
	// second is the second installation, nil without one.
	second *lane
	// base is a base model, foreign a version of somebody else: what a person may make an endpoint serve.
	base, foreign string
	// dataset is the ID of what a person has uploaded.
	dataset string
	// schedules are those that were made, on the lane's Temporal.
	schedules []string

	// mu lets one neighbour act at a time.
	mu sync.Mutex
	// before is what the endpoint served before a person changed it for the first time, as a path.
	before string
	// begun are runs of the second installation that are not waited for yet.
	begun []client.WorkflowRun
	acted []Acted
}

// persons is the service as a person uses it.
func (c *chaos) persons() *stack.Emulator { return c.emulator.As(person) }

// moveIn lets the neighbours move in: before anything goes wrong, and before the product does anything.
func (c *chaos) moveIn(ctx context.Context) error {
	n := c.plan.Neighbours
	if n.Second != "" {
		if err := c.secondInstallation(ctx); err != nil {
			return err
		}
	}
	if n.Dataset {
		if err := c.uploadByHand(ctx); err != nil {
			return err
		}
	}
	if n.Fleet {
		return c.applyFleet(ctx, "kept", "team-one")
	}
	return nil
}

// secondInstallation makes the lane of a second installation: another home, the same owner and service.
func (c *chaos) secondInstallation(ctx context.Context) error {
	at := c.Second
	if at.Client == nil {
		return errors.New("the campaign has no Temporal for a second installation")
	}
	l := &lane{
		Rig: &Rig{
			Binaries: c.Binaries, Data: c.Data, Logs: c.Logs, Server: c.Server, Client: at.Client, Namespace: at.Namespace,
		},
		stack: c.stack, emulator: c.emulator.As(neighbour), name: c.name, locale: c.locale, endpoint: c.endpoint, queue: c.queue,
		lag: c.lag, dir: c.dir, share: c.plan.Workers, env: []string{"RETRAINER_OWNER=" + owner}, asked: c.asked,
	}
	switch c.plan.Neighbours.Second {
	case secondOther:
		l.name, l.endpoint = c.name+"-too", c.name+"-too"
	case secondLocale:
		l.locale, l.endpoint = otherLocale, c.name+"-"+strings.ToLower(otherLocale)
		if _, err := c.emulator.Release(ctx, stack.BaseModel{Locale: otherLocale}); err != nil {
			return err
		}
	}
	c.share = 1
	c.village.second = l
	return nil
}

// starter runs the operator's command line as a person does.
func (c *chaos) starter(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.Binaries.Starter, args...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	cmd.Env = append(append(c.Server.Environment(), c.persons().Environment(c.lag)...),
		"TEMPORAL_NAMESPACE="+c.namespace(), "RETRAINER_OWNER="+owner)
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("starter %s: %w: %.400s%.400s", strings.Join(args, " "), err, problems.String(), out)
	}
	return out, nil
}

// uploadByHand uploads a dataset as a person does, and schedules a second model whose request names it.
func (c *chaos) uploadByHand(ctx context.Context) error {
	out, err := c.starter(ctx, "data", "upload", filepath.Join(c.Data, "training", "related-text.txt"), "--name", "shared words",
		"--kind", "Language", "--locale", c.locale)
	if err != nil {
		return err
	}
	c.village.dataset = strings.TrimSpace(string(out))
	other := &lane{name: c.name + "-b", locale: c.locale, emulator: c.emulator}
	raw, err := json.Marshal(with(other.small(), object{"training": []object{c.shared()}}))
	if err != nil {
		return err
	}
	id := workflows.ScheduleID(other.name)
	if _, err := c.Client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: id, Paused: true, Spec: client.ScheduleSpec{CronExpressions: []string{"0 3 * * *"}},
		Action: &client.ScheduleWorkflowAction{ID: id, Workflow: workflows.TypeRenew, TaskQueue: c.queue, Args: []any{json.RawMessage(raw)}},
	}); err != nil {
		return err
	}
	c.scheduled(id, raw)
	return nil
}

// shared is the dataset that a person has uploaded, as requests name it.
func (c *chaos) shared() object { return object{"name": "shared words", "dataset": c.village.dataset} }

// scheduled notes a schedule: what it names must stay, and so must it.
func (c *chaos) scheduled(id string, raw []byte) {
	c.village.schedules = append(c.village.schedules, id)
	c.asked.note(asked{caller: c.emulator.Caller(), schedule: id}, "", raw)
}

// applyFleet applies a fleet file with one model. All files of a seed have one fleet name, as two teams may give it that
// do not know each other. Only the first is noted as what must stay: the second is the one that prunes.
func (c *chaos) applyFleet(ctx context.Context, model, id string) error {
	l := &lane{name: c.name + "-" + model, locale: c.locale, emulator: c.emulator}
	request := with(l.small(), object{
		"training":  []object{link(c.emulator, "pronunciation", "Pronunciation", "pronunciation.txt")},
		"taskQueue": c.queue, "schedule": object{"cron": "0 3 * * *"},
	})
	fleet := object{"fleet": "desk " + c.name, "models": []object{request}}
	if c.plan.Neighbours.FleetID {
		fleet["id"] = id
	}
	text, err := json.Marshal(fleet)
	if err != nil {
		return err
	}
	file := filepath.Join(c.dir, model+".yaml") // JSON is YAML
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	args := []string{"apply", "--file", file}
	if model != "kept" {
		args = append(args, "--prune")
		if c.plan.Neighbours.FleetID {
			args = append(args, "--yes") // the answer to the question, but none to the ID of another file
		}
	}
	_, err = c.starter(ctx, args...)
	schedule := workflows.ScheduleID(l.name)
	if err != nil {
		return err
	}
	handle := c.Client.ScheduleClient().GetHandle(ctx, schedule)
	if err := handle.Pause(ctx, client.SchedulePauseOptions{Note: "the campaign fires nothing by itself"}); err != nil {
		return err
	}
	delete(request, "taskQueue")
	delete(request, "schedule")
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	c.scheduled(schedule, raw)
	return nil
}

// left reads which of the schedules are left, and takes them away: the Temporal is everybody's.
func (c *chaos) left(ctx context.Context) (map[string]bool, error) {
	left := map[string]bool{}
	for _, id := range c.village.schedules {
		switch err := c.Client.ScheduleClient().GetHandle(ctx, id).Delete(ctx); {
		case err == nil:
			left[id] = true
		case !missing(err):
			return nil, err
		}
	}
	return left, nil
}

// asks is the whole request, and names what a person has uploaded.
func (c *chaos) asks() object { return c.named(c.whole()) }

// named adds what a person has uploaded to a request.
func (c *chaos) named(request object) object {
	if c.village.dataset == "" {
		return request
	}
	return with(request, object{"training": append(slices.Clone(request["training"].([]object)), c.shared())})
}
