package main

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"speech-retrainer/internal/exit"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/table"
	"speech-retrainer/internal/visible"
	"speech-retrainer/internal/words"
)

type historyFlags struct {
	connection connectionFlags
	taskQueue  string
	locale     string
	on         string
}

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "Show the versions of a model and their word error rates",
		Long: `Show the versions of a model and their word error rates, newest first.

Read from the marks on the service's own objects, so it reaches back further
than Temporal remembers; deleted versions are gone.

With --on it says which version served on one day (UTC), how that is known, and
what the marks do not tell.`,
		Example: `  starter history support-calls
  starter history support-calls --on 2026-05-31
  starter history support-calls --locale de-DE --output json`,
		RunE: onModel(func(ctx context.Context, name string) error { return a.history(ctx, f, name) }),
	}
	addLocale(cmd, &f.locale, "")
	cmd.Flags().StringVar(&f.on, "on", "", "Say who served on this day, like 2026-05-31 (UTC)")
	addTaskQueue(cmd, &f.taskQueue, "")
	addOutput(cmd, a.out)
	f.connection.add(cmd)
	return cmd
}

func (a *app) history(ctx context.Context, f historyFlags, name string) error {
	if err := refuseModel(name, f.locale); err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, f.on)
	if err != nil && f.on != "" {
		return exit.Refuse(lifecycle.InvalidRequest, "--on must be a day like 2026-05-31, not %q", f.on)
	}
	server, err := a.connect(ctx, f.connection)
	if err != nil {
		return err
	}
	defer server.Close()
	row, err := server.Observe(ctx, name, f.locale, f.taskQueue)
	if err != nil {
		return err
	}
	if len(row.Versions) == 0 {
		unknown := exit.New(exit.Failed, exit.NotFound, "the service has no version of %s that was made by this installation", words.Model(name, f.locale)).
			Next("check the name, and --task-queue and RETRAINER_OWNER of the worker")
		none, known := noVersion(ctx, server, name, f.locale, unknown)
		if !known || !a.out.JSON || f.on != "" {
			return none
		}
	}
	switch {
	case f.on != "":
		return a.historyOn(row, day)
	case a.out.JSON:
		a.out.Value(decided(row))
		return nil
	}
	w := table.New("VERSION", "STATE", "WER", "AGAINST", "EXPIRES", "BASE")
	var below [][]string
	for _, v := range row.Versions {
		var rate, compared *float64
		if len(v.Tests) > 0 {
			rate, compared = v.Tests[0].WordErrorRate, v.Tests[0].Compared
		}
		w.AppendRow(table.Row{
			words.Fit(visible.Line(strings.TrimPrefix(v.DisplayName, name+" ")), 19), visible.Line(string(v.State)),
			words.Rate(rate, "-"), words.Rate(compared, "-"), words.DayOf(v.ExpiresAt, "-"),
			words.Fit(visible.Line(cmp.Or(v.BaseModel, v.BaseModelID)), 17),
		})
		lines := []string{visible.Line(v.ID)}
		if decision := lifecycle.ReadRecord(v.Verdict).Sentence(); decision != "" {
			lines = append(lines, words.Wrap(visible.Line(decision), words.Width-2)...)
		}
		below = append(below, lines)
	}
	a.out.Table(w, below)
	return nil
}

// decidedRow is a row for machines: each version with the decision on it, which its mark holds, in parts.
type decidedRow struct {
	lifecycle.Row

	Versions []decidedVersion `json:"versions"`
}

type decidedVersion struct {
	lifecycle.Version

	// Decision is the mark verdict taken apart; null when it is empty.
	Decision *lifecycle.RecordReport `json:"decision"`
}

func decided(row lifecycle.Row) decidedRow {
	out := decidedRow{Row: row, Versions: make([]decidedVersion, len(row.Versions))}
	for i, v := range row.Versions {
		out.Versions[i] = decidedVersion{Version: v, Decision: lifecycle.ReadRecord(v.Verdict).Report()}
	}
	return out
}

// historyOn tells which version served on a day.
func (a *app) historyOn(row lifecycle.Row, day time.Time) error {
	on, err := row.OnDay(day)
	if err != nil {
		return exit.Refuse(lifecycle.InvalidRequest, "--on: %s", err)
	}
	if a.out.JSON {
		a.out.Value(on)
		return nil
	}
	who := "not known"
	if v := on.Version; v != nil {
		who = v.DisplayName
	}
	a.out.Print("%s on %s: %s", words.Model(row.Name, row.Locale), on.Date, who)
	if v := on.Version; v != nil {
		a.out.Print("version %s, %s, expires %s", v.ID, v.State, words.DayOf(v.ExpiresAt, "unknown"))
	}
	a.out.PrintLines(words.Wrap(visible.Line(on.Reason), words.Width))
	for _, unknown := range on.Unknown {
		a.out.PrintLines(words.Hang(visible.Line("not known: "+unknown), words.Width-2, 0, 2))
	}
	return nil
}
