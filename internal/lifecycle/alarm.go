package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Alarm is a state that an operator must hear of.
type Alarm struct {
	// Key names the state: what sr.alarm remembers, so that each is sent once.
	Key string `json:"key"`
	// Kind is expiring, expired, changed, missing, endpointGone, endpointUnknown or data.
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Next is what to do about it.
	Next string `json:"next"`
	// Sent tells that it was sent by an earlier check.
	Sent bool `json:"sent"`
}

// The kinds of alarms.
const (
	AlarmExpiring        = "expiring"
	AlarmExpired         = "expired"
	AlarmChanged         = "changed"
	AlarmMissing         = "missing"
	AlarmEndpointGone    = "endpointGone"
	AlarmEndpointUnknown = "endpointUnknown"
	AlarmStuck           = "stuck"
	AlarmData            = "data"
	AlarmBudget          = "budget"
)

// AlarmKinds lists them all.
var AlarmKinds = []string{
	AlarmExpiring, AlarmExpired, AlarmChanged, AlarmMissing, AlarmEndpointGone, AlarmEndpointUnknown, AlarmStuck, AlarmData, AlarmBudget,
}

// alarmDays are the days before an expiry on which an operator hears of it, most urgent first.
var alarmDays = []int{7, 30, 60, 90}

// NoAlarm is the value of sr.alarm when an alarm is over.
const NoAlarm = NoMark

// lastWarning is the one that a retrain on its way does not silence.
const lastWarning = 7

// Alarms are the states that an operator must hear of, and the mark that remembers them: each is sent
// once, and again when it comes back. One that no web hook of the request listens to counts as not sent: a hook added
// later hears of what stands. mark is sr.alarm of AlarmVersion; an empty newMark means that there is nothing to remember.
func Alarms(o Observed, request Request, mark string) (alarms []Alarm, newMark string) {
	alarms = []Alarm{}
	sent := strings.Split(mark, "; ")
	var keys []string
	for _, alarm := range slices.Concat(endpointAlarms(o, request), expiryAlarms(o, request), dataAlarms(o, request), dueAlarms(o, request)) {
		alarm.Sent = slices.Contains(sent, alarm.Key)
		if alarm.Sent || request.Hears(EventExpiring) {
			keys = append(keys, alarm.Key)
		}
		alarms = append(alarms, alarm)
	}
	return alarms, alarmMark(keys)
}

// alarmMark is as much of the keys as the mark holds, by whole keys. What it leaves out is sent again.
func alarmMark(keys []string) string {
	for ; ; keys = keys[:len(keys)-1] {
		if mark := strings.Join(keys, "; "); len(mark) <= MaxMarkValue {
			return mark
		}
	}
}

// AlarmVersion is the ID of the version that carries sr.alarm: the one that serves, or our newest if that is
// foreign or gone; empty when there is none.
func AlarmVersion(o Observed) string {
	for _, v := range o.Versions {
		if o.Serving != nil && v.ID == o.Serving.ID {
			return v.ID
		}
	}
	if len(o.Versions) > 0 {
		return o.Versions[0].ID
	}
	return ""
}

// AlarmMark is the mark sr.alarm as it was written last. While nothing of ours serves each training makes another version
// the newest, which has none yet: then that of the newest that has one counts.
func AlarmMark(o Observed) string {
	for _, v := range o.Versions {
		if o.Serving != nil && v.ID == o.Serving.ID {
			return v.Alarm
		}
	}
	if v := newest(o.Versions, func(v Version) bool { return v.Alarm != "" }); v != nil {
		return v.Alarm
	}
	return ""
}

func endpointAlarms(o Observed, request Request) []Alarm {
	if request.Deploy == nil {
		return nil
	}
	name, champion := request.Deploy.Endpoint, championOf(o)
	e := o.Endpoint
	switch {
	case e == nil && champion == nil && !hasServed(o):
		return nil
	case e == nil:
		deployed := "a version that is gone, too,"
		if champion != nil {
			deployed = champion.DisplayName
		}
		next := "find out who deleted it; name another in deploy.endpoint, or let a retrain create one, with another ID: starter run " + request.Name
		switch {
		case o.EndpointFault != "":
			next = "find out who deleted it, and correct deploy.endpoint: none can be created with a given ID, and until then each retrain is refused"
		case len(o.ServedAt) > 0:
			return []Alarm{notDeployedAlarm(o, request)}
		}
		return []Alarm{{
			Key: AlarmEndpointGone, Kind: AlarmEndpointGone,
			Message: fmt.Sprintf("endpoint %q no longer exists, and %s was deployed to it: who calls it gets no answer until there is another",
				name, deployed),
			Next: next,
		}}
	}
	var alarms []Alarm
	if !slices.Contains([]string{"NotStarted", "Running", StatusSucceeded}, e.Status) {
		alarms = append(alarms, Alarm{
			Key: AlarmEndpointUnknown + "-" + hash(e.Status)[:4], Kind: AlarmEndpointUnknown,
			Message: fmt.Sprintf("endpoint %q is in the state %s: it may not answer, and no version can take its place until that is over",
				e.DisplayName, orUnknown(e.Status)),
			Next: "look at it in the portal, and ask it for a recognition; then check again: starter trigger " + request.Name,
		})
	}
	switch {
	case modelMissing(o):
		next := "the model is recreated by this check"
		if earlier := earlierOf(o); earlier != nil {
			next += "; to let an earlier version serve at once: starter rollback " + request.Name + " --to " + earlier.ID + reasonHere
		}
		alarms = append(alarms, Alarm{
			Key: AlarmMissing, Kind: AlarmMissing, Message: fmt.Sprintf("the model of endpoint %q was deleted or taken away: it serves the bare base "+
				"model until another version does", e.DisplayName),
			Next: next,
		})
	case changedByHand(o):
		alarms = append(alarms, changedAlarm(o, request))
	}
	return alarms
}

// notDeployedAlarm is about an endpoint that the request names and nobody has made yet, while what was promoted last serves
// at another one, which an earlier request named.
func notDeployedAlarm(o Observed, request Request) Alarm {
	name := request.Deploy.Endpoint
	return Alarm{
		Key: AlarmEndpointGone + "-" + hash(name)[:4], Kind: AlarmEndpointGone,
		Message: fmt.Sprintf("endpoint %q of the request does not exist: who calls it gets no answer. %s serves at endpoint %s, which nothing renews while the "+
			"request names another", name, promotedLast(o), strings.Join(o.ServedAt, ", ")),
		Next: "name the endpoint that serves in deploy.endpoint again, or train a version for the new one, and delete the old one in the portal when nobody " +
			"calls it: starter run " + request.Name,
	}
}

// changedAlarm says what somebody has set the endpoint to, what comes of it, and what can be done. Only what can be
// adopted is offered for it.
func changedAlarm(o Observed, request Request) Alarm {
	alarm := Alarm{
		Key: AlarmChanged + "-" + short8(o.Serving.ID), Kind: AlarmChanged,
		Message: fmt.Sprintf("endpoint %q was changed by hand: it serves %s, not %s", o.Endpoint.DisplayName, o.Serving.DisplayName, promotedLast(o)),
	}
	back := "to go back, change it in the portal"
	if to := cmp.Or(championOf(o), earlierOf(o)); to != nil {
		back += fmt.Sprintf(", or: starter rollback %s --to %s", request.Name, to.ID) + reasonHere
	}
	switch {
	case o.ServingName != "" && o.ServingName != request.Name:
		alarm.Message += fmt.Sprintf(", a version of the model %s", o.ServingName)
		alarm.Next = "give each model an endpoint of its own; " + back
	case !o.Serving.Custom:
		alarm.Message += "; a base model knows no domain words, so the model is retrained, and a person is asked before it serves"
		alarm.Next = back
	case !Alive(o.Serving, o.Now):
		alarm.Message += fmt.Sprintf("; it expired on %s, so the model is retrained, and a person is asked before it serves", date(*o.Serving.ExpiresAt))
		alarm.Next = back
	default:
		alarm.Message += "; it is left as it is, and renewed only when it is about to expire; " + Lives(o.Serving.DisplayName, o.Serving.ExpiresAt, o.Now, true)
		alarm.Next = back + fmt.Sprintf("; to keep it and have it renewed: starter adopt %s --version %s", request.Name, o.Serving.ID)
	}
	return alarm
}

// deploying tells that a retrain goes on and the endpoint serves its candidate: it was deployed a moment ago.
func deploying(o Observed) bool {
	if o.Retrain == "" || o.Serving == nil {
		return false
	}
	return slices.ContainsFunc(o.Versions, func(v Version) bool {
		return v.ID == o.Serving.ID && (v.State == StateCandidate || v.State == StateDeploying)
	})
}

func expiryAlarms(o Observed, request Request) []Alarm {
	at, name := servedUntil(o)
	if at == nil {
		return nil
	}
	left := at.Sub(o.Now)
	if left <= 0 {
		return []Alarm{{
			Key: AlarmExpired + "-" + date(*at), Kind: AlarmExpired,
			Message: fmt.Sprintf("%s expired on %s: %s until another version serves", name, date(*at), fallenBack(request.Deploy != nil)),
			Next:    "see why it was not renewed: starter history " + request.Name + "; to recreate it at once: starter run " + request.Name,
		}}
	}
	for _, n := range alarmDays {
		if left > time.Duration(n)*24*time.Hour {
			continue
		}
		if n != lastWarning && successor(o) {
			return nil
		}
		return []Alarm{{
			Key: fmt.Sprintf("%s-%d-%s", AlarmExpiring, n, date(*at)), Kind: AlarmExpiring,
			Message: fmt.Sprintf("%s expires on %s, in %s, and nothing has taken its place yet; %s", name, date(*at), span(left), afterwards(request.Deploy != nil)),
			Next:    "what will be done and when: starter plan --file FILE; what was tried: starter history " + request.Name,
		}}
	}
	return nil
}

// dataAlarms are the faults of the data on which a retrain would end: they are told long before it is due.
func dataAlarms(o Observed, request Request) []Alarm {
	lives := "no version serves yet"
	if at, name := servedUntil(o); name != "" {
		lives = Lives(name, at, o.Now, request.Deploy != nil)
	}
	var alarms []Alarm
	add := func(alarm Alarm) {
		if !slices.ContainsFunc(alarms, func(a Alarm) bool { return a.Key == alarm.Key }) {
			alarms = append(alarms, alarm)
		}
	}
	found := func(d ObservedData, fault string) {
		state := fault
		switch {
		case d.Upload, fault == "" && d.Unknown == "":
			return
		case fault == "":
			add(StandInAlarm(d.Label, d.Unknown, d.DatasetName, lives, request.Name))
			return
		case d.Unknown != "":
			// One state, whatever the server answers from day to day.
			state = "unknown, and no dataset"
		}
		add(Alarm{
			Key: dataKey(d.Label, state), Kind: AlarmData, Message: fmt.Sprintf("data %q: %s: no retrain can succeed until that is mended; %s", d.Label, fault, lives),
			Next: "mend it where the worker runs or on the service, or name other data in the request; then check again: starter trigger " + request.Name,
		})
	}
	for _, d := range o.Training {
		found(d, d.Fault)
	}
	for i, d := range o.Tests {
		fault := d.Fault
		if fault == "" && d.Kind != "" && i < len(request.Tests) {
			fault = RefuseTestKind(d.Kind, request.Tests[i].Inspect)
		}
		found(d, fault)
	}
	return alarms
}

// servedUntil is the expiry of what serves, or would serve if its endpoint were there.
func servedUntil(o Observed) (*time.Time, string) {
	if o.Serving != nil {
		return o.Serving.ExpiresAt, o.Serving.DisplayName
	}
	if champion := championOf(o); champion != nil {
		return champion.ExpiresAt, champion.DisplayName
	}
	return nil, ""
}

// successor tells that a retrain goes on and has a version to take over.
func successor(o Observed) bool {
	return o.Retrain != "" && slices.ContainsFunc(o.Versions, func(v Version) bool {
		return v.State == StateCandidate || v.State == StateDeploying
	})
}

func short8(id string) string { return id[:min(8, len(id))] }
