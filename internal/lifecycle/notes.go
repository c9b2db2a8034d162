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

// trainingRegions are the regions with dedicated hardware for training custom speech (learn.microsoft.com, "Speech
// service supported regions", column "Custom speech training", as of 9 Nov 2025). Its footnote asks for one of them
// whatever the data; older texts did so for audio only.
var trainingRegions = []string{
	"australiaeast", "canadacentral", "centralindia", "eastasia", "eastus", "eastus2", "francecentral", "japaneast",
	"koreacentral", "northeurope", "southcentralus", "southeastasia", "switzerlandnorth", "uksouth", "westeurope",
	"westus", "westus2", "westus3",
}

// RegionNote warns of training in a region that has no hardware for it, whatever the data, or is "". A custom domain
// does not tell its region, so nothing is said about it; nor are the sovereign clouds in the list.
func RegionNote(resource string) string {
	region, ok := strings.CutSuffix(resource, ".api.cognitive.microsoft.com")
	if !ok || slices.Contains(trainingRegions, region) {
		return ""
	}
	return fmt.Sprintf("region %s is not one of those with dedicated hardware for training custom speech: the training may be refused, "+
		"fail or take very long. Microsoft asks for a Speech resource in one of: %s", region, strings.Join(trainingRegions, ", "))
}
