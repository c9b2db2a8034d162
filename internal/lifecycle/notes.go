package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxSkew is how far the service's clock and the worker's may differ before a note says so.
const maxSkew = 5 * time.Minute

// ClockNote is what an operator should know about the service's clock, or "".
func ClockNote(service, worker time.Time, localClock bool) string {
	if localClock {
		return "the service's answers carry no date: the worker's clock is used for every comparison with the service's dates"
	}
	skew := service.Sub(worker).Abs().Round(time.Second)
	if skew <= maxSkew {
		return ""
	}
	return fmt.Sprintf("the service's clock and the worker's differ by %s: dates are compared with the service's", skew)
}

// audioRegions are the regions with dedicated hardware for training with audio (learn.microsoft.com,
// "Speech service supported regions", column "Custom speech training").
var audioRegions = []string{
	"australiaeast", "canadacentral", "centralindia", "eastasia", "eastus", "eastus2", "francecentral", "japaneast",
	"koreacentral", "northeurope", "southcentralus", "southeastasia", "switzerlandnorth", "uksouth", "westeurope",
	"westus", "westus2", "westus3",
}

// AudioNote warns of training with audio in a region that has no hardware for it, or is "". A custom
// domain does not tell its region, so nothing is said about it; nor are the sovereign clouds in the list.
func AudioNote(resource string, kinds []string) string {
	region, ok := strings.CutSuffix(resource, ".api.cognitive.microsoft.com")
	audio := slices.Contains(kinds, "Acoustic") || slices.Contains(kinds, "AudioFiles")
	if !ok || !audio || slices.Contains(audioRegions, region) {
		return ""
	}
	return fmt.Sprintf("region %s has no dedicated hardware for training with audio: the training may take very long, fail, or use the transcripts only", region)
}
