package activities

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// withdrawnCodes are what the service answers to a training from a base model that it no longer offers (schema
// DetailedErrorCode).
var withdrawnCodes = []string{"ModelDeprecated", "InvalidBaseModel"}

// baseAdvice is for a base model that the service does not train from: nothing in the data is at fault.
const baseAdvice = "set baseModel to latest or to another model, or wait until the service has a newer one, then start the run again"

// withdrawn turns the refusal of a training into NoUsableBaseModel when it is about the base: the service has withdrawn it
// since it was chosen; name is what it is called. The code tells; where it does not, the base itself is read
// (Models_GetBaseModel, Models_GetCustomModel). Any other error stays as it is. A refusal has made nothing.
func (a *Activities) withdrawn(ctx context.Context, base ModelRef, name, locale string, err error) error {
	var answer *speech.Error
	if !errors.As(err, &answer) || !refusal(answer) {
		return err
	}
	reason := ""
	if slices.ContainsFunc(withdrawnCodes, func(c string) bool {
		return strings.EqualFold(c, answer.Code) || strings.EqualFold(c, answer.InnerCode)
	}) {
		reason = "the service does not train from it any more: " + answer.Message
	} else {
		kind := speech.KindBaseModel
		if base.Custom {
			kind = speech.KindModel
		}
		var model lifecycle.Model
		var meta speech.Meta
		readErr := a.insist(ctx, func() (err error) { model, meta, err = a.model(ctx, kind, base.ID); return err })
		switch {
		case speech.IsNotFound(readErr):
			reason = "it does not exist any more"
		case readErr == nil:
			for _, r := range lifecycle.PinnedBase(model, lifecycle.BaseQuestion{Locale: locale, Now: meta.ObservedAt}).Refused {
				reason = r.Reason
			}
		}
	}
	if reason == "" {
		return err
	}
	object := "base model " + name
	return refuse(lifecycle.Failure{
		Type: lifecycle.NoUsableBaseModel, Code: codeOf(answer), Object: &object, Next: lifecycle.Ptr(baseAdvice),
		Message: "the base model " + name + " was withdrawn after it was chosen: " + reason,
		Refused: []lifecycle.Refusal{{ID: base.ID, DisplayName: name, Reason: reason}},
	})
}

// refusal tells that the service answered that it will not do what was asked for, with these words: no other key, pace or
// time would help.
func refusal(e *speech.Error) bool {
	if c := e.StateCode(); c != "" && !slices.Contains(withdrawnCodes, c) {
		return false // a quota, a use: nothing about the base
	}
	return e.Status >= http.StatusBadRequest && !e.Transient() && !e.Throttled() && !e.Auth()
}
