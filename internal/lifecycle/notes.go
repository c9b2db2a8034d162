package lifecycle

import (
	"fmt"
	"net"
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

// OwnClock tells of a service on this machine that its clock runs as it likes: that of the emulator does. It is "" when the clocks
// agree, and for a service anywhere else: there a difference is a fault. resource is a host, or host:port.
func OwnClock(resource string, service, worker time.Time, localClock bool) string {
	skew := service.Sub(worker)
	if localClock || skew.Abs() <= maxSkew || !onThisMachine(resource) {
		return ""
	}
	where := "ahead of"
	if skew < 0 {
		where = "behind"
	}
	return fmt.Sprintf("the service is on this machine, with a clock of its own: %s %s the machine's; dates are compared with the service's",
		span(skew.Abs()), where)
}

// onThisMachine tells whether a resource is reached without leaving this machine.
func onThisMachine(resource string) bool {
	host, _, err := net.SplitHostPort(resource)
	if err != nil {
		host = resource
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
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

// UntestedNote tells that a request which wants a person to be asked has nothing to ask about, or is "": an answer is about a
// verdict, and without tests there is none.
func UntestedNote(r Request) string {
	if len(r.Tests) > 0 || r.Deploy == nil || r.Approval.When != WhenAlways || r.Untested != Promote {
		return ""
	}
	return "approval: always has no effect without tests, since there is no verdict to ask about: untested: promote lets each version serve, " +
		"and nobody is asked"
}
