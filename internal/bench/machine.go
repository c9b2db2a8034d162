package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what it was measured on.
type Machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	MemoryGiB int    `json:"memoryGiB"`
	System    string `json:"system"`
	Go        string `json:"go"`
}

// ThisMachine describes the machine; what it cannot tell is left empty.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	m.Processor = field("/proc/cpuinfo", "model name")
	if kilobytes, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.MemoryGiB = kilobytes >> 20
	}
	return m
}

// field is the first value of a name in a file of /proc, empty when there is none.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// load is the load average over a minute; 0 where the system does not tell.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	average, _ := strconv.ParseFloat(first, 64)
	return average
}

// resident is the resident memory of a process in kB.
func resident(pid int) (float64, error) {
	said := field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS")
	kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(said, " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("this system does not tell the resident memory of process %d in /proc", pid)
	}
	return kilobytes, nil
}

// Commit names what is measured, with "+" when files are changed.
func Commit(ctx context.Context, root string) (string, error) {
	git := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = root
		return cmd.Output()
	}
	head, err := git("rev-parse", "--short", "HEAD")
	if err != nil {
		return "", fmt.Errorf("ask git for the commit: %w", err)
	}
	name := string(bytes.TrimSpace(head))
	changed, err := git("status", "--porcelain", "--untracked-files=no", "--", ":!docs")
	if err == nil && len(changed) > 0 {
		name += "+"
	}
	return name, err
}
