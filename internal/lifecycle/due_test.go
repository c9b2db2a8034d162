package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const aDay = 24 * time.Hour

// trained is one of ours that was trained days ago on base and text.
func trained(name string, state lifecycle.State, ago, left int) lifecycle.Version {
	created := noon.Add(-time.Duration(ago) * aDay)
	ended := created.Add(3 * time.Hour)
	expires := noon.Add(time.Duration(left) * aDay)
	return lifecycle.Version{
		ID: "id-" + name, DisplayName: name, Status: "Succeeded", State: state, CreatedAt: &created, ExpiresAt: &expires,
		BaseModelID: "base-1", Input: lifecycle.InputMark("base-1", []string{"text"}), EndedAt: &ended,
	}
}

func base(id string, ago int) lifecycle.Model {
	ends, expires := noon.Add(300*aDay), noon.Add(700*aDay)
	return lifecycle.Model{
		ID: id, DisplayName: id, Locale: "en-US", Status: "Succeeded", CreatedAt: noon.Add(-time.Duration(ago) * aDay),
		AdaptationEndsAt: &ends, ExpiresAt: &expires, Kinds: []lifecycle.DatasetKind{"Language"}, Deployable: lifecycle.Ptr(true),
	}
}

func serving(v lifecycle.Version) *lifecycle.Model {
	return &lifecycle.Model{ID: v.ID, DisplayName: v.DisplayName, Custom: true, Status: v.Status, ExpiresAt: v.ExpiresAt}
}

// calm is a model with nothing to do: its champion serves for another 300 days.
func calm() lifecycle.Observed {
	champion := trained("v1", lifecycle.StateChampion, 30, 300)
	return lifecycle.Observed{
		Now: noon, Versions: []lifecycle.Version{champion}, Serving: serving(champion),
		Endpoint: &lifecycle.ObservedEndpoint{ID: "e", DisplayName: "Desk", Status: "Succeeded", ModelID: champion.ID},
		Bases:    []lifecycle.Model{base("base-1", 100)},
		Training: []lifecycle.ObservedData{{Label: "text", Kind: "Language", DatasetID: "d", Content: "text"}},
	}
}

func desk() lifecycle.Request {
	r := lifecycle.DefaultRequest()
	r.Name, r.Locale, r.Deploy = "desk", "en-US", &lifecycle.Deploy{Endpoint: "Desk"}
	r.Training = []lifecycle.Data{{Name: "text", Kind: "Language", Dataset: "d"}}
	r.Renew.Window = 0 // what is spread has tests of its own
	return r
}

func TestDue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*lifecycle.Observed, *lifecycle.Request)
		due    bool
		reason string
		next   time.Time
	}{
		"nothing to do": {
			func(*lifecycle.Observed, *lifecycle.Request) {}, false, "current: the champion v1 expires on 2027-03-28, in 300 " +
				"days", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"the champion was deleted": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { gone(o) }, true, "the model of endpoint Desk is missing: it serves the bare base model", time.Time{},
		},
		"the champion and the endpoint were deleted": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				gone(o, trained("v0", lifecycle.StateRetired, 200, 100))
				o.Endpoint = nil
			}, true, "no version of the model serves: the one that was promoted last was deleted", time.Time{},
		},
		"the champion was deleted, and a base model set": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				gone(o, trained("v0", lifecycle.StateRetired, 200, 100))
				o.Endpoint.ModelGone, o.Serving = false, &lifecycle.Model{ID: "base-1", DisplayName: "base"}
			}, true, "the endpoint was changed by hand, and nothing of this model serves: it refers to the base model base, not to the version", time.Time{},
		},
		"the first deployment failed": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Serving, o.Versions = nil, []lifecycle.Version{trained("v1", lifecycle.StateFailed, 1, 300)}
			}, true, "no version of the model has served yet", time.Time{},
		},
		"no version yet": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Versions, o.Serving, o.Endpoint = nil, nil,
					nil
			}, true, "no version of the model has served yet", time.Time{},
		},
		"an endpoint of somebody else's and no version yet": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Versions, o.Serving = nil, &lifecycle.Model{ID: "x"}
			}, true, "no version of the model has served yet", time.Time{},
		},
		"within the lead": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o,
					30)
			}, true, "the champion v1 expires on 2026-07-01, in 30 days: within the lead of 36 days", time.Time{},
		},
		"the lead is the operator's": {
			func(o *lifecycle.Observed, r *lifecycle.Request) {
				expire(o, 30)
				r.Renew.Before = lifecycle.Duration(29 * aDay)
			}, false, "current: the champion v1 expires on 2026-07-01, in 30 days; the lead is 29 days", noon.Add(aDay),
		},
		"expired": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { expire(o, -1) }, true, "the champion v1 expired on 2026-05-31", time.Time{},
		},
		"the endpoint's model was deleted": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Serving = nil }, true, "the model of endpoint Desk is missing", time.Time{},
		},
		"the endpoint was deleted": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Serving, o.Endpoint = nil, nil }, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"a newer base": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				o.Bases = append(o.Bases,
					base("base-2", 1))
			}, true, "the base model base-2 of 2026-05-31 is newer than that of v1", time.Time{},
		},
		"a newer base that is not old enough": {
			func(o *lifecycle.Observed, r *lifecycle.Request) {
				o.Bases = append(o.Bases, base("base-2", 1))
				r.BaseModel.MinAge = lifecycle.Duration(14 * aDay)
			}, false, "current", noon.Add(13 * aDay),
		},
		"a newer base that nobody wants": {
			func(o *lifecycle.Observed, r *lifecycle.Request) {
				o.Bases = append(o.Bases, base("base-2", 1))
				r.Renew.OnNewBaseModel = false
			}, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"a newer base that cannot be trained with the data": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				b := base("base-2", 1)
				b.Kinds = []lifecycle.DatasetKind{"Acoustic"}
				o.Bases = append(o.Bases, b)
			}, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"other data": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { o.Training[0].Content = "text, second edition" }, true, "the training data differ " +
				"from those of v1", time.Time{},
		},
		"changed by hand, and about to expire": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 1)
				o.Serving = &lifecycle.Model{ID: "portal", DisplayName: "made in the portal", Custom: true}
			}, false, "the endpoint was changed by hand: it serves made in the portal, not the champion v1", time.Time{},
		},
		"rolled back: its base is no reason": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { rollBack(o, "base-2", "text") }, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"rolled back: its data are no reason": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				rollBack(o, "base-2", "other")
				o.Training[0].Content = "other"
			}, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"rolled back: a base newer than that": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				rollBack(o, "base-2", "text")
				o.Bases = append(o.Bases, base("base-3", 1))
			}, true, "the base model base-3", time.Time{},
		},
		"rolled back: expiry": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) { rollBack(o, "base-2", "text"); expire(o, 20) }, true, "expires on 2026-06-21", time.Time{},
		},
		"rejected, and nothing is newer than that": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				rollBack(o, "base-2", "text")
				o.Versions[0].State, o.Versions[0].Verdict = lifecycle.StateRejected, "untested; q:"+lifecycle.Question(desk(), "", nil)
			}, false, "current", noon.Add((300 - 36) * aDay).Add(-4 * time.Hour),
		},
		"rejected, and a base newer than that is out": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				rollBack(o, "base-2", "text")
				o.Versions[0].State = lifecycle.StateRejected
				o.Bases = append(o.Bases, base("base-3", 1))
			}, true, "the base model base-3", time.Time{},
		},
		"failed before the champion": {
			func(o *lifecycle.Observed, _ *lifecycle.Request) {
				expire(o, 20)
				o.Versions = append(o.Versions, trained("v0", lifecycle.StateFailed, 31, 300))
			}, true, "the champion v1 expires", time.Time{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			tt.change(&o, &r)
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			require.Contains(t, answer.Reason, tt.reason)
			if tt.next.IsZero() {
				require.Nil(t, answer.NextCheck)
			} else {
				require.NotNil(t, answer.NextCheck)
				require.Equal(t, tt.next, *answer.NextCheck)
			}
		})
	}
}

// expire lets the champion expire in so many days, 330 after it was made.
func expire(o *lifecycle.Observed, left int) {
	v := &o.Versions[len(o.Versions)-1]
	v.ExpiresAt = lifecycle.Ptr(noon.Add(time.Duration(left) * aDay))
	v.CreatedAt = lifecycle.Ptr(v.ExpiresAt.Add(-330 * aDay))
	v.EndedAt = lifecycle.Ptr(v.CreatedAt.Add(3 * time.Hour))
	o.Serving = serving(*v)
}

// rollBack adds a later version, of another base or other data, that was rolled back.
func rollBack(o *lifecycle.Observed, baseID, content string) {
	v := trained("v2", lifecycle.StateRolledBack, 10, 400)
	v.BaseModelID, v.Input = baseID, lifecycle.InputMark(baseID, []string{content})
	v.Verdict = "untested; q:" + lifecycle.Question(desk(), "", nil) + "; back by ann: worse"
	o.Bases = append(o.Bases, base(baseID, 20))
	o.Versions = append([]lifecycle.Version{v}, o.Versions...)
}

func TestDueNotes(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	o.Training[0].Unseen = "nothing tells"
	o.Retrain = "run-7"
	r.Renew.Before = lifecycle.Duration(2 * aDay)
	notes := lifecycle.Due(o, r).Notes
	require.Contains(t, notes, "data text: nothing tells")
	require.Contains(t, notes, "a retrain is running: run-7")
	require.Contains(t, fmt.Sprint(notes), "renew.before 2d is shorter")
	o.Versions[0].Input = ""
	require.Contains(t, fmt.Sprint(lifecycle.Due(o, r).Notes), "what v1 was trained on is not known")
	o.Versions[0].ExpiresAt, o.Serving.ExpiresAt = nil, nil
	require.Contains(t, fmt.Sprint(lifecycle.Due(o, r).Notes), "no expiry date for v1")
}

func TestLead(t *testing.T) {
	t.Parallel()
	lead, why := lifecycle.Lead(nil, desk())
	require.Equal(t, lifecycle.Duration(43*aDay), lead)
	require.Equal(t, "7d (for training, none is known yet) + 3d (limits.evaluation) + 3d (approval.timeout) + 30d (margin)", why)
	slow := trained("slow", lifecycle.StateRetired, 100, 10)
	slow.EndedAt = lifecycle.Ptr(slow.CreatedAt.Add(50 * time.Hour))
	lead, why = lifecycle.Lead([]lifecycle.Version{slow}, desk())
	require.Equal(t, lifecycle.Duration(51*time.Hour+36*aDay), lead, why)
}

// A lead longer than half of a version's life would make every success due again at once.
func TestALeadIsAtMostHalfOfTheLife(t *testing.T) {
	t.Parallel()
	half := lifecycle.Duration(165 * aDay)
	tests := map[string]struct {
		change func(*lifecycle.Observed, *lifecycle.Request)
		lead   lifecycle.Duration
		due    bool
		note   string
	}{
		"as long as half of it": {func(o *lifecycle.Observed, r *lifecycle.Request) {
			r.Renew.Before = half
		}, half, false, ""},
		"longer": {func(o *lifecycle.Observed, r *lifecycle.Request) {
			r.Renew.Before = half + 1
		}, half, false, "is longer than half of the life of v1 (2026-05-02 to 2027-03-28), so that every new version would be due again soon: 165d is used"},
		"longer, and half of it is over": {func(o *lifecycle.Observed, r *lifecycle.Request) {
			expire(o, 164)
			r.Renew.Before = lifecycle.Duration(400 * aDay)
		}, half, true, "the lead of 400d is longer"},
		"computed": {func(o *lifecycle.Observed, _ *lifecycle.Request) {
			o.Versions[0] = trained("v1", lifecycle.StateChampion, 20, 40)
			o.Serving = serving(o.Versions[0])
		}, lifecycle.Duration(30 * aDay), false, "the lead of 868h is longer"},
		"of what somebody has set": {func(o *lifecycle.Observed, r *lifecycle.Request) {
			o.Serving = &lifecycle.Model{ID: "x", DisplayName: "by hand", Custom: true, CreatedAt: noon.Add(-50 * aDay), ExpiresAt: lifecycle.Ptr(noon.Add(50 * aDay))}
			r.Renew.Before = lifecycle.Duration(60 * aDay)
		}, lifecycle.Duration(50 * aDay), true, "half of the life of by hand"},
		"no dates are known": {func(o *lifecycle.Observed, r *lifecycle.Request) {
			o.Versions[0].CreatedAt = nil
			r.Renew.Before = lifecycle.Duration(200 * aDay)
		}, lifecycle.Duration(200 * aDay), false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			tt.change(&o, &r)
			answer := lifecycle.Due(o, r)
			require.Equal(t, tt.lead, answer.Lead, answer.LeadReason)
			require.Equal(t, tt.due, answer.Due, answer.Reason)
			notes := fmt.Sprint(answer.Notes)
			if tt.note == "" {
				require.NotContains(t, notes, "longer than half")
				return
			}
			require.Contains(t, notes, tt.note)
			require.Contains(t, answer.LeadReason, "half of the life of")
		})
	}
}

// failing lets the import of the training data have failed so many times, the last one some days ago.
func failing(o *lifecycle.Observed, tries int, ago time.Duration) {
	o.Training[0].DatasetID, o.Training[0].Content = "", "other"
	o.Training[0].Tries, o.Training[0].TriedAt = tries, noon.Add(-ago)
}

// Failed imports of one content are tried again after 1, 2, 4, 8 and 16 days, then every 16 days, and when the expiry
// becomes urgent; from the sixth failure on a person hears of it.
func TestFailedImportsHoldARetrainBack(t *testing.T) {
	t.Parallel()
	for tries, days := range map[int]int{1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 16, 40: 16} {
		o, r := calm(), desk()
		pause := time.Duration(days) * aDay
		failing(&o, tries, pause-time.Minute)
		answer := lifecycle.Due(o, r)
		require.False(t, answer.Due, "%d tries: %s", tries, answer.Reason)
		require.Equal(t, noon.Add(time.Minute), *answer.NextCheck)
		require.Contains(t, answer.Reason, "the import of the data text has failed")
		require.Equal(t, tries > 5, answer.Stuck != "", "%d tries", tries)
		alarms, _ := lifecycle.Alarms(o, r, "")
		require.Equal(t, tries > 5, len(alarms) == 1 && alarms[0].Kind == lifecycle.AlarmStuck, "%+v", alarms)
		failing(&o, tries, pause)
		require.True(t, lifecycle.Due(o, r).Due, "%d tries", tries)
	}
	o, r := calm(), desk()
	failing(&o, 9, aDay)
	o.Training[0].DatasetID = "d"
	require.True(t, lifecycle.Due(o, r).Due, "the content is there by now")
	failing(&o, 9, 2*aDay)
	expire(&o, 20) // lastResort 14 d + 3 h of training + 72 h of evaluation + 72 h of approval: urgent since some hours
	require.True(t, lifecycle.Due(o, r).Due, lifecycle.Due(o, r).Reason)
	failing(&o, 9, time.Hour)
	require.False(t, lifecycle.Due(o, r).Due, "it was tried since the expiry is urgent")
}

func TestCountTries(t *testing.T) {
	t.Parallel()
	at := func(ago int) time.Time { return noon.Add(-time.Duration(ago) * aDay) }
	for name, c := range map[string]struct {
		failed []lifecycle.FailedImport
		tries  int
		at     time.Time
	}{
		"none":               {},
		"one without a mark": {[]lifecycle.FailedImport{{EndedAt: at(3)}}, 1, at(3)},
		"the newest tells":   {[]lifecycle.FailedImport{{Mark: "7@2026-05-01", EndedAt: at(1)}, {Mark: "2@2026-04-01", EndedAt: at(9)}}, 7, at(1)},
		"one more than told": {[]lifecycle.FailedImport{{EndedAt: at(1)}, {Mark: "7@2026-05-01", EndedAt: at(9)}}, 8, at(1)},
		"a mark of no use":   {[]lifecycle.FailedImport{{Mark: "x@y", EndedAt: at(1)}}, 1, at(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries, last := lifecycle.CountTries(c.failed)
			require.Equal(t, c.tries, tries)
			require.Equal(t, c.at, last)
		})
	}
	require.Equal(t, "3@2026-06-01", lifecycle.TryMark(3, noon))
}

// What somebody has set an endpoint to is left while it is alive; its expiry alone is a reason. A base model, or what
// has expired, is nothing to leave.
func TestDueAfterAChangeByHand(t *testing.T) {
	t.Parallel()
	portal := func(left int) *lifecycle.Model {
		return &lifecycle.Model{ID: "portal", DisplayName: "made in the portal", Custom: true, ExpiresAt: lifecycle.Ptr(noon.Add(time.Duration(left) * aDay))}
	}
	for name, c := range map[string]struct {
		serving *lifecycle.Model
		due     bool
		reason  string
		alarm   string
		next    string
	}{
		"alive": {
			serving: portal(300),
			reason:  "the endpoint was changed by hand: it serves made in the portal, not the champion v1; it is left as it is",
			alarm:   "it is left as it is", next: "--to id-v1 --reason \"...\"; to keep it and have it renewed: starter adopt desk --version portal",
		},
		"alive, without an expiry": {
			serving: &lifecycle.Model{ID: "portal", DisplayName: "made in the portal", Custom: true},
			reason:  "it is left as it is", alarm: "it is left as it is", next: "starter adopt",
		},
		"alive, and about to expire": {
			serving: portal(30), due: true,
			reason: "the endpoint was changed by hand: it serves made in the portal, not the champion v1, and that expires on 2026-07-01, in 30 days: " +
				"within the lead of 36 days", alarm: "it is left as it is", next: "starter adopt",
		},
		"expired": {
			serving: portal(-1), due: true,
			reason: "nothing of this model serves: it refers to made in the portal, which expired on 2026-05-31, not to the champion v1",
			alarm:  "expired on 2026-05-31, so the model is retrained, and a person is asked",
			next:   "to go back, change it in the portal, or: starter rollback desk --to id-v1 --reason \"...\"",
		},
		"a base model": {
			serving: &lifecycle.Model{ID: "base-1", DisplayName: "Base 1"}, due: true,
			reason: "it refers to the base model Base 1, not to the champion v1", alarm: "a base model knows no domain words",
			next: "to go back, change it in the portal, or: starter rollback desk --to id-v1 --reason \"...\"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := calm(), desk()
			o.Serving = c.serving
			answer := lifecycle.Due(o, r)
			require.Equal(t, c.due, answer.Due, answer.Reason)
			require.Contains(t, answer.Reason, c.reason)
			if c.due {
				require.Equal(t, lifecycle.CauseSetByHand, answer.Cause)
			}
			alarms, _ := lifecycle.Alarms(o, r, "")
			require.Equal(t, lifecycle.AlarmChanged, alarms[0].Kind)
			require.Contains(t, alarms[0].Message, c.alarm)
			require.Contains(t, alarms[0].Next, c.next)
		})
	}
	o, r := calm(), desk()
	o.Serving, o.ServingName = portal(300), "other"
	alarms, _ := lifecycle.Alarms(o, r, "")
	require.Contains(t, alarms[0].Message, "a version of the model other")
	require.NotContains(t, alarms[0].Next, "adopt", "that would be refused")
	v := trained("v2", lifecycle.StateDeploying, 0, 300)
	o, r = calm(), desk()
	o.Versions, o.Serving, o.Retrain = append([]lifecycle.Version{v}, o.Versions...), serving(v), "run-7"
	alarms, _ = lifecycle.Alarms(o, r, "")
	require.Empty(t, alarms, "a retrain has just put it there")
	require.Contains(t, lifecycle.Due(o, r).Reason, "current")
}

// A model that is due while nothing can be trained from is told to a person, and tried at each check: the service may have
// another base model by then.
func TestNoBaseModelIsLeft(t *testing.T) {
	t.Parallel()
	o, r := calm(), desk()
	expire(&o, 20)
	o.Bases[0].AdaptationEndsAt = lifecycle.Ptr(noon.Add(-aDay))
	answer := lifecycle.Due(o, r)
	require.True(t, answer.Due)
	require.Contains(t, answer.Stuck, "no base model of en-US can be trained from: 1 base model refused; base-1: training from it ended")
	o.Bases = nil
	require.Contains(t, lifecycle.Due(o, r).Stuck, "can be trained from: the service lists none; it is tried again at each check")
	require.Empty(t, lifecycle.Due(calm(), r).Stuck)
}
