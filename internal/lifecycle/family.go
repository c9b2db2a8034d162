package lifecycle

import (
	"slices"
	"strings"
)

// FamilyWhisper is the one family of base models besides the ordinary ones that is known: OpenAI's Whisper, which stands
// in the same list. Its models are trained with audio alone, serve no endpoint, and give display text only.
const FamilyWhisper = "whisper"

// lexical is the output format that a word error rate is counted on.
const lexical = "Lexical"

// Family is the family of a base model, by its display name (learn.microsoft.com, "Use a Whisper model"); "" for an
// ordinary one.
func Family(m Model) string {
	if !m.Custom && strings.Contains(strings.ToLower(m.DisplayName), FamilyWhisper) {
		return FamilyWhisper
	}
	return ""
}

// WantedFamily is the family from which the newest base model is chosen: the one that the request names, else that of the
// champion's base, nil when there is none.
func WantedFamily(spec BaseSpec, championBase *Model) string {
	if spec.Family != "" || championBase == nil {
		return spec.Family
	}
	return Family(*championBase)
}

// DisplayOnly tells that a model gives no lexical text, so that no word error rate is to be had of it.
func DisplayOnly(m Model) bool {
	if m.Formats == nil {
		return Family(m) != ""
	}
	return !slices.Contains(m.Formats, lexical)
}

// refuseFamily tells why a base model is not of the family that is chosen from, or "".
func refuseFamily(m Model, family string) string {
	switch of := Family(m); {
	case family == FamilyWhisper && of != family:
		return "it is not a Whisper model, which the request or the champion asks for"
	case family == "" && of == FamilyWhisper:
		return "it is a Whisper model: those are chosen only with baseModel {choose: latest, family: whisper}, or after a champion that was trained from one"
	case family == "" && DisplayOnly(m):
		return "it gives display text only, so that no word error rate can be measured: it is used only when baseModel names it"
	}
	return ""
}

// NoRate says why there is no word error rate of a model, or "": it, or the base that it was trained from (nil when that is
// unknown), gives display text only. An evaluation would cost all the same, and what its numbers mean is not documented.
func NoRate(m Model, base *Model) string {
	if DisplayOnly(m) || base != nil && DisplayOnly(*base) {
		return m.DisplayName + " gives display text only, so it has no word error rate and no evaluation is made"
	}
	return ""
}
