package activities

import (
	"speech-retrainer/internal/lifecycle"
	"speech-retrainer/internal/speech"
)

// remedy is what an operator can do about a refusal of the service that its code tells.
type remedy struct {
	// do is the text without what comes after it.
	do string
	// outside tells that the cause lies outside of the request and its data: once it is mended, the same run can go on.
	outside bool
}

func (r remedy) next() *string { return lifecycle.Ptr(r.do + ", " + lifecycle.StartAgain) }

var (
	noRoom = remedy{"the Speech resource has all that its quota allows: delete what is not needed there (starter status shows what serves), " +
		"or have the quota raised; " +
		"tell the worker the quota (SPEECH_ENDPOINT_QUOTA, SPEECH_DATASET_QUOTA; 1 and 2 on F0), so that a run is refused before it trains", true}
	inUse   = remedy{"something still uses it: look in the portal which endpoint, test or training that is, and let it end or delete it there", true}
	notNow  = remedy{"look at it in the portal: another deployment or job of it goes on, or it stands still; wait until it has ended", true}
	notHere = remedy{"the service does not allow this deployment: check tier and region of the Speech resource, and with Entra ID that the worker's " +
		"identity has the role Cognitive Services Speech Contributor", true}
	notThis = remedy{"this model cannot serve an endpoint: choose another baseModel in the request, one of which the service says that it supports " +
		"endpoints, or leave deploy out", false}
	notSound = remedy{"the version is not Succeeded: look in the portal why it failed", false}
	expired  = remedy{"a model has expired: set baseModel to latest, or to one that has not", false}
)

// remedies are by the codes of speech.StateCode; each has one.
var remedies = map[string]remedy{
	"QuotaViolation": noRoom, "SkuLimitsExist": noRoom,
	"InUseViolation":       inUse,
	"DeleteNotAllowed":     notNow,
	"EndpointNotUpdatable": notNow, "ModelDeploymentNotCompleteState": notNow,
	"DeployNotAllowed":     notHere,
	"ModelNotDeployable":   notThis,
	"DeployingFailedModel": notSound,
	"ModelDeprecated":      expired,
}

// Remedy says what an operator can do about an answer whose code tells that the state of things forbids the request; ""
// for any other.
func Remedy(e *speech.Error) string { return remedies[e.StateCode()].do }

// codeOf is the code of an answer that says most; nil when it has none.
func codeOf(e *speech.Error) *string {
	switch {
	case e.StateCode() != "":
		return lifecycle.Ptr(e.StateCode())
	case e.InnerCode != "":
		return &e.InnerCode
	case e.Code != "":
		return &e.Code
	}
	return nil
}

// outside tells that the code of a failure lies outside of the request and its data.
func outside(f lifecycle.Failure) bool {
	return f.Code != nil && remedies[speech.StateCode(*f.Code)].outside
}
