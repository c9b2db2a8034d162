package doctor

import (
	"context"
	"time"

	"speech-retrainer/internal/config"
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// lookTimeout bounds the look at the Speech resource of starter's own settings.
const lookTimeout = 30 * time.Second

// Look asks the Speech resource of starter's own settings one question, and tells whether it was answered
// (Models_ListSupportedLocales).
func Look(ctx context.Context, s config.Settings) lifecycle.Examined {
	client, err := speech.New(speech.Config{Access: s.Speech})
	if err != nil {
		return lifecycle.Examined{Failure: &lifecycle.Failure{Type: lifecycle.InvalidRequest, Message: err.Error()}}
	}
	e := lifecycle.Examined{Resource: client.Resource(), APIVersion: client.APIVersion(), Credential: client.Credential()}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	_, meta, err := client.ListModelLocales(ctx)
	e.ObservedAt, e.LookedAt, e.LocalClock = meta.ObservedAt, time.Now().UTC(), meta.LocalClock
	if err != nil {
		next := "check SPEECH_ENDPOINT (or SPEECH_REGION), SPEECH_API_VERSION and the network between"
		if client.Refused() != "" {
			next = "check SPEECH_KEY (or SPEECH_KEY_FILE), or the role of the Entra identity"
		}
		e.Failure = &lifecycle.Failure{Type: lifecycle.Unavailable, Message: err.Error(), Next: &next}
	}
	return e
}

// Own are the findings on the settings of starter's own Speech resource, by what a look showed.
func Own(e lifecycle.Examined) []lifecycle.Finding {
	f := lifecycle.Findings{Area: lifecycle.AreaSettings}
	const check = "Speech resource"
	if e.Failure != nil {
		next := ""
		if e.Failure.Next != nil {
			next = *e.Failure.Next
		}
		f.Add(lifecycle.FindingError, check, next, "local files cannot be uploaded from here: %s", e.Failure.Message)
		return f.List
	}
	f.OK(check, "%s takes the %s of these settings, API version %s", e.Resource, e.Credential, e.APIVersion)
	if own := lifecycle.OwnClock(e.Resource, e.ObservedAt, e.LookedAt, e.LocalClock); own != "" {
		f.OK("clock", "%s", own)
	} else if note := lifecycle.ClockNote(e.ObservedAt, e.LookedAt, e.LocalClock); note != "" {
		f.Add(lifecycle.FindingWarning, "clock", "set the clock of this machine by a time server (NTP)", "%s", note)
	}
	return f.List
}
