package bundle

import "slices"

// Env is an environment without a settings file of the Temporal CLI: the one of this machine must not matter.
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
	if name == "TEMPORAL_CONFIG_FILE" {
		return "testdata/no-such-temporal.toml", true
	}
	value, ok := e[name]
	return value, ok
}
