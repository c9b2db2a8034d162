package bundle

import "slices"

// Env is an environment without a settings file of the Temporal CLI, unless it names one: that of this machine must not
// matter.
type Env map[string]string

// Environ lists the variables as os.Environ does, sorted.
func (e Env) Environ() []string {
	var list []string
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// LookupEnv is that of package os.
func (e Env) LookupEnv(name string) (string, bool) {
	value, ok := e[name]
	if name == "TEMPORAL_CONFIG_FILE" && !ok {
		return "testdata/no-such-temporal.toml", true
	}
	return value, ok
}
