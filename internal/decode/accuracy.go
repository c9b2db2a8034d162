package decode

import (
	"math"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

var (
	testKinds    = []lifecycle.DatasetKind{lifecycle.DatasetAcoustic, lifecycle.DatasetAudioFiles}
	approvalWhen = []lifecycle.When{lifecycle.WhenNever, lifecycle.WhenInconclusive, lifecycle.WhenFail, lifecycle.WhenAlways}
)

// decodeTests reads the accuracy tests. Each needs a name of its own: its own, or the dataset that it
// refers to.
func decodeTests(o *object, r *lifecycle.Request, names map[string]string) {
	items, _ := o.list("tests")
	labels := map[string]string{}
	for i, item := range items {
		at := index(o.at("tests"), i)
		entry, ok := o.asObject(item, at)
		if !ok {
			continue
		}
		t := decodeTest(entry, names)
		if first, used := labels[t.Label()]; used && t.Name == "" {
			entry.problem(entry.at("name"), "is required: %s tests with the same dataset", first)
		}
		labels[t.Label()] = at
		r.Tests = append(r.Tests, t)
	}
}

func decodeTest(o *object, names map[string]string) lifecycle.Test {
	t := lifecycle.Test{MinWords: lifecycle.DefaultMinWords}
	t.Data = decodeData(o, testKinds, names)
	t.MaxWordErrorRate = o.fraction("maxWordErrorRate")
	t.MaxRegression = o.fraction("maxRegression")
	t.MinImprovementOverBase = o.fraction("minImprovementOverBase")
	t.MaxDrift = o.fraction("maxDrift")
	o.whole("minWords", &t.MinWords, 1, math.MaxInt32)
	o.flag("strict", &t.Strict)
	o.flag("inspect", &t.Inspect)
	if t.Kind == lifecycle.DatasetAudioFiles && !t.Inspect {
		o.problem(o.at("kind"), "AudioFiles has no transcripts to count errors against: add inspect: true, or use Acoustic")
	}
	if t.Inspect {
		for _, key := range []string{"maxWordErrorRate", "maxRegression", "minImprovementOverBase", "maxDrift", "minWords", "strict"} {
			if o.has(key) {
				o.problem(o.at(key), "does not go with inspect, which gives no numbers")
			}
		}
	}
	o.done()
	return t
}

func decodeApproval(o *object, a *lifecycle.Approval) {
	approval, ok := o.child("approval")
	if !ok {
		return
	}
	oneOf(approval, "when", &a.When, approvalWhen...)
	approval.duration("timeout", &a.Timeout, true)
	oneOf(approval, "onTimeout", &a.OnTimeout, lifecycle.Reject, lifecycle.Promote)
	approval.done()
}

func decodeDeploy(o *object, r *lifecycle.Request) {
	deploy, ok := o.child("deploy")
	if !ok {
		return
	}
	r.Deploy = &lifecycle.Deploy{}
	if !deploy.has("endpoint") {
		deploy.get("endpoint")
		deploy.problem(deploy.at("endpoint"), "is required: the ID, URL or exact name of an endpoint")
	}
	deploy.named("endpoint", &r.Deploy.Endpoint, speech.KindEndpoint)
	if deploy.text("takeOver", &r.Deploy.TakeOver) && Name(r.Deploy.TakeOver) != "" {
		deploy.problem(deploy.at("takeOver"), "must be the name of the model from which the endpoint is taken over: 1 to 40 of a-z, 0-9 and -")
	}
	deploy.done()
}
