package resource

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Identity is what a worker calls itself in Temporal: <process ID>@<machine>@<host of its Speech resource>. So whoever asks
// who polls a task queue learns which resource its work is done on.
func Identity(process int, machine, host string) string {
	return fmt.Sprintf("%d@%s@%s", process, machine, host)
}

// HostOf is the host of the Speech resource that a worker's identity tells; empty when it tells none: that of a worker of
// an earlier version ends before it, and of somebody else's program nothing is known.
func HostOf(identity string) string {
	parts := strings.Split(identity, "@")
	if len(parts) != 3 || !hostForm.MatchString(parts[2]) {
		return ""
	}
	if _, err := strconv.Atoi(parts[0]); err != nil {
		return ""
	}
	return strings.ToLower(parts[2])
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]{1,260}$`)
