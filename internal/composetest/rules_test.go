package composetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// pinned is a tag that starts with at least two numbers of a version; local is one that is built here.
var pinned = regexp.MustCompile(`:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$`)

const local = ":local"

// problems lists what is wrong with a project, a line each.
func problems(p *types.Project) []string {
	var found []string
	hostPorts := map[string]bool{}
	for _, name := range p.ServiceNames() {
		s := p.Services[name]
		report := func(format string, args ...any) {
			found = append(found, name+": "+fmt.Sprintf(format, args...))
		}
		checkImage(p, s, report)
		checkVolumes(s, report)
		checkLife(p, s, report)
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				report("port %s is open to the network", port.Published)
			}
			if hostPorts[port.Published] {
				report("port %s of this machine is taken twice", port.Published)
			}
			hostPorts[port.Published] = true
		}
		if target, shared := strings.CutPrefix(s.NetworkMode, "service:"); shared {
			if _, ok := p.Services[target]; !ok {
				report("shares the network of %s, which this profile does not start", target)
			}
		}
	}
	return found
}

func checkImage(p *types.Project, s types.ServiceConfig, report func(string, ...any)) {
	if s.Build == nil {
		if !pinned.MatchString(s.Image) {
			report("image %s is not pinned", s.Image)
		}
		return
	}
	if !strings.HasSuffix(s.Image, local) {
		report("image %s is built here and must be tagged %s", s.Image, local)
	}
	dockerfile := filepath.Join(s.Build.Context, s.Build.Dockerfile)
	text, err := os.ReadFile(dockerfile)
	if err != nil {
		report("there is no %s", relative(p, dockerfile))
		return
	}
	if !regexp.MustCompile(`(?m)^FROM \S+ AS ` + regexp.QuoteMeta(s.Build.Target) + `$`).Match(text) {
		report("the Dockerfile has no stage %s", s.Build.Target)
	}
}

func checkVolumes(s types.ServiceConfig, report func(string, ...any)) {
	for _, v := range s.Volumes {
		switch v.Type {
		case types.VolumeTypeBind:
			if !exists(v.Source) {
				report("there is no %s", v.Source)
			}
			// A script that runs from the mounted folder is one of its files.
			for _, word := range slices.Concat(s.Entrypoint, s.Command) {
				if inside, ok := strings.CutPrefix(word, v.Target+"/"); ok && !exists(filepath.Join(v.Source, inside)) {
					report("there is no %s in %s", inside, v.Source)
				}
			}
		case types.VolumeTypeVolume:
			if v.Source == "" {
				report("the volume at %s has no name", v.Target)
			}
		}
	}
}

// checkLife is about start and stop: a job is awaited, a server is watched and given time to end.
func checkLife(p *types.Project, s types.ServiceConfig, report func(string, ...any)) {
	if strings.HasPrefix(s.Restart, types.RestartPolicyOnFailure) {
		for _, other := range p.Services {
			if d, ok := other.DependsOn[s.Name]; ok && d.Condition == types.ServiceConditionCompletedSuccessfully {
				return
			}
		}
		report("nobody waits for its end")
		return
	}
	if s.HealthCheck == nil || s.HealthCheck.Disable || len(s.HealthCheck.Test) < 2 {
		report("no health check")
	}
	if s.StopGracePeriod == nil {
		report("no stop_grace_period")
		return
	}
	if at := slices.Index(s.Command, "--stop-timeout"); at >= 0 {
		timeout, err := time.ParseDuration(s.Command[at+1])
		if grace := time.Duration(*s.StopGracePeriod); err != nil || grace <= timeout {
			report("stop_grace_period %s is not above --stop-timeout %s", grace, s.Command[at+1])
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func relative(p *types.Project, path string) string {
	if r, err := filepath.Rel(p.WorkingDir, path); err == nil {
		return r
	}
	return path
}
