// Package metric is the catalogue of the metrics that a worker tells of itself: names, units, labels and what they mean.
// docs/metrics.md says the same for people, and a test holds the two together.
package metric

import (
	"slices"

	"speech-retrainer/internal/lifecycle"
)

// Kind is how a metric is counted.
type Kind string

// The kinds of metrics.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Metric is one metric of ours. Its labels are all that it ever has: others are dropped.
type Metric struct {
	// Name is what it is recorded under. It ends in its unit.
	Name   string
	Kind   Kind
	Help   string
	Labels []string
	// Buckets are the upper bounds of a histogram.
	Buckets []float64
	// Zeros are the values of the labels with which a counter begins at zero, so that its first event is an increase.
	Zeros [][]string
}

// Exposed is the name that a metric has for Prometheus.
func (m Metric) Exposed() string {
	if m.Kind == Counter {
		return m.Name + "_total"
	}
	return m.Name
}

// The names of the metrics: what each means stands in All.
const (
	Ready = "retrainer_ready"
	Build = "retrainer_build_info"

	Requests        = "retrainer_speech_requests"
	RequestDuration = "retrainer_speech_request_duration_seconds"
	QuotaShare      = "retrainer_speech_quota_share_ratio"
	QuotaInForce    = "retrainer_speech_quota_share_in_force_ratio"
	Throttled       = "retrainer_speech_throttled"
	TurnWait        = "retrainer_speech_turn_wait_seconds"
	TurnsWaiting    = "retrainer_speech_turns_waiting"
	ListingAge      = "retrainer_listing_age_seconds"

	Waits       = "retrainer_waits"
	NoticeDelay = "retrainer_notice_delay_seconds"

	Runs          = "retrainer_runs"
	StageDuration = "retrainer_stage_duration_seconds"
	BadBases      = "retrainer_bad_bases_stopped"
	Alarms        = "retrainer_alarms"

	NotificationAttempts = "retrainer_notification_attempts"
	NotificationsLost    = "retrainer_notifications_lost"

	Models        = "retrainer_models"
	ModelsLeftOut = "retrainer_models_left_out"
	ToExpiry      = "retrainer_model_time_to_expiry_days"
	WordErrorRate = "retrainer_model_word_error_rate_ratio"
	ModelAlarm    = "retrainer_model_alarm"

	CheckAge      = "retrainer_model_last_good_check_age_seconds"
	CheckFailed   = "retrainer_model_last_check_failed"
	RetrainFailed = "retrainer_model_last_retrain_failed"
	ApprovalLeft  = "retrainer_approval_time_left_seconds"
	TemporalAge   = "retrainer_temporal_look_age_seconds"
	ScheduleCount = "retrainer_schedules"
	ChecksLeftOut = "retrainer_schedules_left_out"

	MonthSpent  = "retrainer_month_spent_money"
	MonthBudget = "retrainer_month_budget_money"
)

// Seconds from a request to a training of a week.
var (
	ofRequests = []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	ofTurns    = []float64{0.01, 0.1, 0.5, 1, 5, 15, 45, 120, 600, 1800}
	ofNotices  = []float64{1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 6 * 3600}
	ofStages   = []float64{1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600, 96 * 3600, 192 * 3600}
)

// All are the metrics of ours.
var All = []Metric{
	{Name: Ready, Kind: Gauge, Help: "1 when the worker polls, Temporal answers and the Speech service takes its key or token, as /readyz; else 0."},
	{Name: Build, Kind: Gauge, Help: "Always 1; its labels say what runs.", Labels: []string{"version", "task_queue", "resource"}},

	{
		Name: Requests, Kind: Counter, Labels: []string{"operation", "class", "code"},
		Help: "Requests to the Speech service by operation, class of the answer (2xx, 3xx, 4xx, 5xx, none) and its code (none without an answer).",
	},
	{
		Name: RequestDuration, Kind: Histogram, Labels: []string{"operation"}, Buckets: ofRequests,
		Help: "Seconds from sending a request to the Speech service until its answer was read, without the wait for its turn.",
	},
	{Name: QuotaShare, Kind: Gauge, Help: "The share of the resource's requests that this worker may use: SPEECH_QUOTA_SHARE."},
	{Name: QuotaInForce, Kind: Gauge, Help: "The share that it uses now: half of it for a minute after an answer 429."},
	{Name: Throttled, Kind: Gauge, Help: "1 while the share is halved, because the service answered 429 within the last minute; else 0."},
	{
		Name: TurnWait, Kind: Histogram, Buckets: ofTurns,
		Help: "Seconds that a request waited for its turn within the share of the quota.",
	},
	{Name: TurnsWaiting, Kind: Gauge, Help: "Requests that wait for their turn."},
	{
		Name: ListingAge, Kind: Gauge,
		Help: "Seconds since the resource was last looked at, on which all metrics of models but those of checks stand; none " +
			"before the first look.",
	},

	{Name: Waits, Kind: Gauge, Help: "Waits for objects of the Speech service that go on, by activity.", Labels: []string{"activity"}},
	{
		Name: NoticeDelay, Kind: Histogram, Labels: []string{"activity"}, Buckets: ofNotices,
		Help: "Seconds from the moment at which the service ended what was waited for until the wait knew it, by the service's clock.",
	},

	{
		Name: Runs, Kind: Counter, Labels: []string{"workflow_type", "outcome", "failure"},
		Help: "Runs that have ended: Retrain and its like by the outcome of their report, checks (Renew) as current, started, skipped or failed; " +
			"with the failure class of those that failed.",
		Zeros: runs(),
	},
	{
		Name: StageDuration, Kind: Histogram, Labels: []string{"stage", "workflow_type"}, Buckets: ofStages,
		Help: "Seconds that a run spent in a stage.",
	},
	{
		Name: BadBases, Kind: Counter, Zeros: [][]string{{}},
		Help: "Versions that were kept from serving though they came from another base model than the champion's: rejected by the gate or by a " +
			"person.",
	},
	{
		Name: Alarms, Kind: Counter, Labels: []string{"kind"}, Zeros: single(lifecycle.AlarmKinds),
		Help: "Alarms that checks of this worker raised, each at every check at which it stands, by kind.",
	},

	{
		Name: NotificationAttempts, Kind: Counter, Labels: []string{"event", "format", "result"},
		Help:  "Attempts to send a message to a web hook, by event, format and result (sent, again, refused).",
		Zeros: attempts(),
	},
	{
		Name: NotificationsLost, Kind: Counter, Labels: []string{"event"}, Zeros: single(lifecycle.Events),
		Help: "Messages to web hooks that had not arrived when their run no longer waited for them.",
	},

	{Name: Models, Kind: Gauge, Help: "Models of this owner that the last look at the resource showed."},
	{
		Name: ModelsLeftOut, Kind: Gauge,
		Help: "Models of this owner without a time to expiry, rates and alarms of their own, because there are more than 2,000: of " +
			"those without an alarm the ones that expire last, or of which it is not known.",
	},
	{
		Name: ToExpiry, Kind: Gauge, Labels: []string{"model", "locale"},
		Help: "Days until the version that serves expires, by the service's clock; negative when it has. None when nothing serves or its expiry is " +
			"not known.",
	},
	{
		Name: WordErrorRate, Kind: Gauge, Labels: []string{"model", "locale", "test", "side"},
		Help: "Word error rates (a fraction) of the newest evaluation of each test, by side: champion (the version that serves), challenger (the " +
			"newest version after it), base.",
	},
	{
		Name: ModelAlarm, Kind: Gauge, Labels: []string{"model", "locale", "kind"},
		Help: "1 for each kind of alarm that stands for a model: all that a web hook was told of, and the first that the last good check raised.",
	},

	{
		Name: CheckAge, Kind: Gauge, Labels: []string{"model"},
		Help: "Seconds since the last check of a model with a schedule that did not fail, as Temporal remembers; when it remembers none, since its " +
			"schedule was made.",
	},
	{Name: CheckFailed, Kind: Gauge, Labels: []string{"model"}, Help: "1 when the last check of a model with a schedule failed, else 0."},
	{
		Name: RetrainFailed, Kind: Gauge, Labels: []string{"model"},
		Help: "1 when the last retrain of a model with a schedule that has ended failed, as Temporal remembers; else 0, as when it was canceled, its " +
			"version rejected, or another one adopted since.",
	},
	{
		Name: ApprovalLeft, Kind: Gauge, Labels: []string{"model"},
		Help: "Seconds until the question to a person ends, for each run that waits for an answer.",
	},
	{
		Name: TemporalAge, Kind: Gauge,
		Help: "Seconds since Temporal was last asked for the checks, on which the metrics of checks stand; none before the " +
			"first answer.",
	},
	{Name: ScheduleCount, Kind: Gauge, Help: "Schedules of models of this owner in the namespace.", Labels: []string{"paused"}},
	{
		Name: ChecksLeftOut, Kind: Gauge,
		Help: "Models with a schedule without metrics of their checks, because there are more than 2,000: of those whose last retrain and check " +
			"did not fail, and without an alarm, the ones whose last good check is the youngest.",
	},

	{
		Name: MonthSpent, Kind: Gauge, Labels: []string{"currency"},
		Help: "What the calendar month (UTC) has cost this owner on the resource, as the last check with a budget estimated it, in the currency of " +
			"the label.",
	},
	{
		Name: MonthBudget, Kind: Gauge, Labels: []string{"currency"},
		Help: "The budget of a month that the last check with one read, in the currency of the label.",
	},
}

// single are the values of a metric's one label.
func single[T ~string](values []T) (all [][]string) {
	for _, v := range values {
		all = append(all, []string{string(v)})
	}
	return all
}

// runs are the labels of all runs that are counted: each outcome of each type, and each failure class of those that fail.
func runs() (all [][]string) {
	reports := []lifecycle.Outcome{lifecycle.Succeeded, lifecycle.Rejected, lifecycle.Skipped, lifecycle.Canceled}
	for _, of := range []string{"Retrain", "Evaluate", "Rollback", "Adopt"} {
		for _, outcome := range reports {
			all = append(all, []string{of, string(outcome), ""})
		}
	}
	for _, outcome := range []string{"current", "started", "skipped"} {
		all = append(all, []string{"Renew", outcome, ""})
	}
	for _, of := range []string{"Retrain", "Evaluate", "Rollback", "Adopt", "Renew"} {
		for _, class := range lifecycle.FailureClasses {
			all = append(all, []string{of, string(lifecycle.Failed), string(class)})
		}
	}
	return all
}

// attempts are the labels of all attempts to send a message.
func attempts() (all [][]string) {
	for _, event := range append(single(lifecycle.Events), []string{Other}) {
		for _, format := range lifecycle.Formats {
			for _, result := range []string{"sent", "again", "refused"} {
				all = append(all, []string{event[0], string(format), result})
			}
		}
	}
	return all
}

// Of is a metric by its name; ok is false when there is none.
func Of(name string) (m Metric, ok bool) {
	i := slices.IndexFunc(All, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return All[i], true
}

// Other is the value of a label that is none of those it may have.
const Other = "other"

// OneOf is a value, or Other when it is none of those that a label may have.
func OneOf[T ~string](value T, of []T) string {
	if slices.Contains(of, value) {
		return string(value)
	}
	return Other
}
