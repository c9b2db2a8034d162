package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"speech-retrainer/internal/document"
	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/fleet"
	"speech-retrainer/internal/follow"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
	"speech-retrainer/workflows"
)

func (a *app) notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Try whether messages arrive at web hooks",
		Long: `Try whether messages arrive at web hooks.

Web hooks hear of events by themselves, as the field notify of a request says.`,
		Example: "  starter notify test --file fleet.yaml",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.notifyTestCommand())
	return cmd
}

type notifyFlags struct {
	connection connectionFlags
	file       string
	taskQueue  string
}

func (a *app) notifyTestCommand() *cobra.Command {
	var f notifyFlags
	cmd := &cobra.Command{
		Use:   "test --file FILE [NAME...]",
		Short: "Send a test message to each web hook of a fleet or a request",
		Long: `Send a test message to each web hook of a fleet or a request.

The worker sends it, since the URLs are in its environment alone: each once,
whatever events the hook hears of, however many models name it. The event of the
message is test, and it says that nobody has to act. Says for each hook whether
it arrived, else what the receiver answered. Ends with 1 when one did not.`,
		Example: `  starter notify test --file fleet.yaml
  starter notify test --file fleet.yaml support-calls --output json
  starter notify test --file request.yaml --task-queue west`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.notifyTest(cmd.Context(), f, args) },
	}
	addOutput(cmd, a.out)
	addFile(cmd, &f.file, "Fleet or request")
	addTaskQueue(cmd, &f.taskQueue, ", for a request: a fleet has its own")
	f.connection.add(cmd)
	return cmd
}

// notified is what came of the test message to one web hook.
type notified struct {
	Model     string `json:"model"`
	TaskQueue string `json:"taskQueue"`
	workflows.NotifiedHook
}

func (a *app) notifyTest(ctx context.Context, f notifyFlags, names []string) error {
	d, err := document.Read(f.file, a.Stdin)
	if err != nil {
		return err
	}
	given, err := fleet.ReadAny(d, f.taskQueue, time.Now())
	if err != nil {
		return err
	}
	models, err := given.Choose(names)
	if err != nil {
		return err
	}
	asked := hooksOf(models)
	if len(asked) == 0 {
		return exit.Refuse(lifecycle.InvalidRequest, "%s names no web hook: there is nothing to try", d.Name).
			Next("add one: notify: [{urlFrom: {env: NAME}, on: [failed, approval, expiring]}]")
	}
	s, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer s.Close()
	answers := make([]workflows.NotifyReport, len(asked))
	var group errgroup.Group
	group.SetLimit(follow.QuestionsAtOnce)
	for i, q := range asked {
		group.Go(func() error {
			about := "try the web hooks of " + q.Name
			return exit.Named(s.Ask(ctx, follow.Question{
				ID: "notify/" + q.Name, TaskQueue: q.queue, Workflow: workflows.TypeNotify, Input: q.NotifyInput, About: about,
			}, &answers[i]), q.Name)
		})
	}
	err = group.Wait()
	all := []notified{}
	for i, q := range asked {
		for _, hook := range answers[i].Hooks {
			all = append(all, notified{Model: q.Name, TaskQueue: q.queue, NotifiedHook: hook})
		}
	}
	if err == nil || !a.out.JSON {
		a.showNotified(all)
	}
	return err
}

// hooksToTry are web hooks that one worker is to try, in the name of one model.
type hooksToTry struct {
	workflows.NotifyInput

	queue string
}

// hooksOf are the web hooks of models, each once for each queue: another worker may have another URL of that name.
func hooksOf(models []fleet.Model) []hooksToTry {
	seen := map[string]bool{}
	var all []hooksToTry
	for _, m := range models {
		one := hooksToTry{NotifyInput: workflows.NotifyInput{Name: m.Name, Locale: m.Locale}, queue: m.TaskQueue}
		for _, hook := range m.Notify {
			alike := hook
			alike.On = nil // whatever it hears of, it is tried once
			key, _ := json.Marshal([]any{m.TaskQueue, alike})
			if !seen[string(key)] {
				seen[string(key)] = true
				one.Notify = append(one.Notify, hook)
			}
		}
		if len(one.Notify) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// showNotified tells what came of each message.
func (a *app) showNotified(all []notified) {
	for _, n := range all {
		if !n.Arrived {
			a.code = exit.Failed
		}
	}
	if a.out.JSON {
		a.out.Value(all)
		return
	}
	for _, n := range all {
		switch {
		case n.Arrived && n.Signed:
			a.out.Print("%s: arrived, signed (task queue %s)", n.Env, n.TaskQueue)
		case n.Arrived && !n.Format.Signed():
			a.out.Print("%s: arrived, as %s takes it (task queue %s)", n.Env, n.Format, n.TaskQueue)
		case n.Arrived:
			a.out.Print("%s: arrived, not signed (task queue %s)", n.Env, n.TaskQueue)
		default:
			a.out.PrintLines(words.Wrap(visible.Line(n.Env+": did not arrive (task queue "+n.TaskQueue+"): "+words.OrDash(n.Said)), words.Width))
			if n.Next != nil {
				a.out.PrintLines(words.AdviceLines(*n.Next, words.Width))
			}
		}
	}
}
