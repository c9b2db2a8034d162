package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const someID = "0b8f1b52-3a55-4b9e-9d3e-6a9b1f7c2d10"

// The id is one line more; every other byte stays.
func TestTheIDIsOneLineMore(t *testing.T) {
	t.Parallel()
	const line = "id: " + someID
	for name, tt := range map[string]struct{ file, source, want string }{
		"below the fleet":      {"f.yaml", "# ours\nfleet: desk # the name\nmodels: []\n", "# ours\nfleet: desk # the name\n" + line + "\nmodels: []\n"},
		"as the last line":     {"f.yaml", "models: []\nfleet: desk", "models: []\nfleet: desk\n" + line},
		"with Windows' ends":   {"f.yaml", "fleet: desk\r\nmodels: []\r\n", "fleet: desk\r\n" + line + "\r\nmodels: []\r\n"},
		"indented":             {"f.yaml", "  fleet: desk\n  models: []\n", "  fleet: desk\n  " + line + "\n  models: []\n"},
		"below a separator":    {"f.yaml", "---\nfleet: desk\nmodels: []\n", "---\nfleet: desk\n" + line + "\nmodels: []\n"},
		"a name of two lines":  {"f.yaml", "models: []\nfleet: >-\n  desk\n  two\n", "models: []\n" + line + "\nfleet: >-\n  desk\n  two\n"},
		"another fleet within": {"f.yaml", "defaults: {fleet: 1}\nfleet: desk\nmodels: []\n", "defaults: {fleet: 1}\nfleet: desk\n" + line + "\nmodels: []\n"},
		"JSON": {
			"f.json", "{\n\t\"fleet\": \"desk\",\n\t\"models\": []\n}\n",
			"{\n\t\"id\": \"" + someID + "\",\n\t\"fleet\": \"desk\",\n\t\"models\": []\n}\n",
		},
		"JSON of one line": {"f.json", `{"fleet": "desk", "models": []}`, `{"id": "` + someID + `","fleet": "desk", "models": []}`},
		"a flow of YAML":   {"f.yaml", "# ours\n{fleet: desk, models: []}\n", ""},
		"no mapping":       {"f.yaml", "- fleet\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Document{Name: tt.file, Source: []byte(tt.source)}.withID(someID)
			if tt.want == "" {
				require.ErrorContains(t, err, "its form is not one that a line can be added to")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got))
		})
	}
}

// The position of a value does not depend on the form of the document, and looking for one never fails.
func TestLineRule(t *testing.T) {
	t.Parallel()
	yaml := Document{
		Name:   "r.yaml",
		Source: []byte("name: a\ntraining:\n  - name: x\n    contentUrlFrom:\n      env: N\n  - dataset: y\nlimits: {import: 1h, training: 2d}\n"),
	}
	json := Document{
		Name: "r.json",
		Source: []byte("{\"name\": \"a\",\n\"training\": [\n{\"name\": \"x\",\n\"contentUrlFrom\": {\n\"env\": \"N\"}},\n{\"dataset\": \"y\"}],\n" +
			"\"limits\": {\"import\": \"1h\", \"training\": \"2d\"}}"),
	}
	for path, line := range map[string]int{
		"name": 1, "training": 2, "training[0]": 3, "training[0].name": 3, "training[0].contentUrlFrom": 4,
		"training[0].contentUrlFrom.env": 5, "training[1].dataset": 6, "training[1].kind": 6, "training[7]": 2,
		"limits.training": 7, "limits.nothing": 7, "": 0, "nothing": 0, "nam": 0,
	} {
		require.Equal(t, line, yaml.line(path), path)
		require.Equal(t, line, json.line(path), path)
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringOf(rapid.RuneFrom([]rune("trainng[]0123.x-"))).Draw(t, "path")
		line := yaml.line(path)
		require.True(t, line >= 0 && line <= 7)
	})
}
