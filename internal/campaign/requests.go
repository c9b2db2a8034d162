package campaign

import (
	"errors"
	"maps"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"

	"speech-retrainer/internal/stack"
)

const locale = "en-US"

// owner is the mark of everything that the lanes' workers make: the namespace, since they are told no other.
const owner = "default"

// link is data below training/ of the examples' files.
func link(e *stack.Emulator, name, kind, file string) object {
	return object{"name": name, "kind": kind, "contentUrl": e.File("training/" + file)}
}

// small is a request for one text, nothing else.
func (l *lane) small() object {
	return object{
		"name": l.name, "locale": l.locale, "training": []object{link(l.emulator, "related text", "Language", "related-text.txt")},
	}
}

// whole is a request for the whole path: a project, three data sets, a test against champion and bare base model,
// and an endpoint.
func (l *lane) whole() object {
	return object{
		"name": l.name, "locale": l.locale, "project": "Wind service desk", "keep": 0,
		"training": []object{
			link(l.emulator, "related text", "Language", "related-text.txt"),
			link(l.emulator, "pronunciation", "Pronunciation", "pronunciation.txt"),
			link(l.emulator, "desk recordings", "Acoustic", "audio-and-trans.zip"),
		},
		"tests": []object{{
			"name": "desk calls", "kind": "Acoustic", "contentUrl": l.emulator.File("testing/audio-and-trans.zip"),
			"maxRegression": 0.05, "maxWordErrorRate": 0.5,
		}},
		"compare": object{"base": true}, "deploy": object{"endpoint": l.endpoint},
	}
}

// gated is the least request with a test and an endpoint.
func (l *lane) gated() object {
	return with(l.small(), object{"tests": l.whole()["tests"], "deploy": object{"endpoint": l.endpoint}})
}

// with is a copy of a request with some fields changed.
func with(request object, changes object) object {
	changed := maps.Clone(request)
	maps.Copy(changed, changes)
	return changed
}

// strict is the request's test with a limit that no version can meet.
func strict(request object) object {
	test := maps.Clone(request["tests"].([]object)[0])
	test["maxWordErrorRate"] = 0
	return with(request, object{"tests": []object{test}})
}

// execution names one run.
func execution(id, run string) *commonpb.WorkflowExecution {
	return &commonpb.WorkflowExecution{WorkflowId: id, RunId: run}
}

func alreadyStarted(err error) bool {
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	return errors.As(err, &started)
}

func missing(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}
