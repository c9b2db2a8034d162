package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"speech-retrainer/internal/resource"
)

// suffixes are the domains of the regional hosts of each cloud (documents "regions" and
// "sovereign-clouds").
var suffixes = map[string]string{
	"public": ".api.cognitive.microsoft.com",
	"usgov":  ".api.cognitive.microsoft.us",
	"china":  ".api.cognitive.azure.cn",
}

const (
	// maxOwner is the longest value of a custom property.
	maxOwner = 256
	// maxSnapshotAge is how old a listing may be at most that checks share, and the default.
	maxSnapshotAge = time.Minute
	// maxListLag keeps a slip of the pen ("30h") from stopping every create for that long.
	maxListLag = time.Hour
)

// regionForm is that of all regions, like westus2. A key that was put there by mistake has another one, and must
// not become the name of a host.
var regionForm = regexp.MustCompile(`^[a-z]{3,30}[0-9]{0,2}$`)

// endpoint is the address of the resource, from SPEECH_ENDPOINT or from SPEECH_REGION and SPEECH_CLOUD.
func (e *environment) endpoint() string {
	endpoint, region, cloud := e.get("SPEECH_ENDPOINT"), strings.ToLower(e.get("SPEECH_REGION")), strings.ToLower(e.get("SPEECH_CLOUD"))
	switch {
	case endpoint != "" && region != "":
		e.fail("SPEECH_ENDPOINT and SPEECH_REGION are both set, use one of them")
		return ""
	case endpoint != "" && cloud != "":
		e.fail("SPEECH_CLOUD goes with SPEECH_REGION, not with SPEECH_ENDPOINT")
		return ""
	case endpoint != "":
		if _, err := resource.Address(endpoint); err != nil {
			e.fail("SPEECH_ENDPOINT: %v", err)
			return ""
		}
		return endpoint
	case region == "":
		e.fail("neither SPEECH_ENDPOINT nor SPEECH_REGION is set; SPEECH_ENDPOINT is the address that the portal shows for the Speech resource")
		return ""
	}
	if cloud == "" {
		cloud = "public"
	}
	suffix, ok := suffixes[cloud]
	if !ok {
		e.fail("SPEECH_CLOUD %q is not known, use public, china or usgov", cloud)
		return ""
	}
	if !regionForm.MatchString(region) {
		e.fail("SPEECH_REGION %q is not a region's name like westeurope", region)
		return ""
	}
	return "https://" + region + suffix
}

func (e *environment) apiVersion() string {
	version, known := e.get("SPEECH_API_VERSION"), resource.APIVersions()
	if version == "" {
		return known[0]
	}
	if !slices.Contains(known, version) {
		e.fail("SPEECH_API_VERSION %q is not supported, use %s", version, strings.Join(known, " or "))
	}
	return version
}

// quotaShare is this worker's part of the resource's quota, as a number or as "1/4".
func (e *environment) quotaShare() float64 {
	text := e.get("SPEECH_QUOTA_SHARE")
	if text == "" {
		return 1
	}
	over, under, fraction := strings.Cut(text, "/")
	share, err := strconv.ParseFloat(strings.TrimSpace(over), 64)
	if err == nil && fraction {
		var n float64
		n, err = strconv.ParseFloat(strings.TrimSpace(under), 64)
		share /= n
	}
	if err != nil || !(share >= resource.MinQuotaShare && share <= 1) {
		e.fail("SPEECH_QUOTA_SHARE %q is not a number from %v to 1; for n workers it is 1/n", text, resource.MinQuotaShare)
	}
	return share
}

func (e *environment) listLag() time.Duration {
	text := e.get("SPEECH_LIST_LAG")
	if text == "" {
		return defaultListLag
	}
	lag, err := time.ParseDuration(text)
	if err != nil || lag < 0 || lag > maxListLag {
		e.fail("SPEECH_LIST_LAG %q is not a duration from 0s to %s, like 30s", text, maxListLag)
	}
	return lag
}

// snapshotAge is never zero: a nanosecond shares nothing.
func (e *environment) snapshotAge() time.Duration {
	text := e.get("SPEECH_SNAPSHOT_AGE")
	if text == "" {
		return maxSnapshotAge
	}
	age, err := time.ParseDuration(text)
	if err != nil || age < 0 || age > maxSnapshotAge {
		e.fail("SPEECH_SNAPSHOT_AGE %q is not a duration from 0s to %s, like 30s", text, maxSnapshotAge)
	}
	return max(age, time.Nanosecond)
}

// quota is how many objects of a kind the resource may have.
func (e *environment) quota(name string, standard int) int {
	text := e.get(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		e.fail("%s %q is not a whole number from 1 on", name, text)
	}
	return n
}

func (e *environment) owner() string {
	owner := e.get("RETRAINER_OWNER")
	if len([]rune(owner)) > maxOwner {
		e.fail("RETRAINER_OWNER has more than %d characters, which is the most that a mark can hold", maxOwner)
	}
	return owner
}
