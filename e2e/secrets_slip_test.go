package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/lifecycle"
)

// slips are requests in which somebody wrote a signed URL where it does not belong, by the path of it.
func (v *vault) slips() map[string]request {
	signed := "https://data.example/x.txt?sv=2024-11-04&sig=" + url.QueryEscape(v.secrets.control)
	withUser := strings.Replace(signed, "https://", "https://user:"+url.QueryEscape(v.secrets.control)+"@", 1)
	object := "https://speech.example/speechtotext/%s/6f1e8a3e-0000-4000-8000-000000000000?sig=" + url.QueryEscape(v.secrets.control)
	q := v.about(from("slip", "SIGNED"))
	return map[string]request{
		"training[0].contentUrl": v.about(data{"name": "slip", "kind": "Language", "contentUrl": signed}),
		"tests[0].contentUrl":    q.with(request{"tests": []data{{"name": "slip test", "kind": "Acoustic", "contentUrl": withUser}}}),
		"training[0].dataset":    v.about(data{"dataset": strings.Replace(object, "%s", "datasets", 1)}),
		"baseModel":              q.with(request{"baseModel": strings.Replace(object, "%s", "models/base", 1)}),
		"baseModel.choose":       q.with(request{"baseModel": data{"choose": strings.Replace(object, "%s", "models", 1)}}),
		"notify[0].url":          q.with(request{"notify": []data{{"url": signed, "on": []string{"failed"}}}}),
		"training[0].name":       v.about(data{"name": signed, "kind": "Language", "contentUrlFrom": data{"env": "DATA_SIGNED"}}),
		"training[0].kind":       v.about(data{"name": "slip", "kind": signed, "contentUrlFrom": data{"env": "DATA_SIGNED"}}),
		"displayName":            q.with(request{"displayName": signed, "notify": hooks("FINE")}),
		"description":            q.with(request{"description": "see " + signed, "notify": hooks("FINE")}),
		"project":                q.with(request{"project": signed}),
		"deploy.endpoint":        q.with(request{"deploy": data{"endpoint": signed}}),
		"name":                   q.with(request{"name": signed}),
		"locale":                 q.with(request{"locale": signed}),
		"untested":               q.with(request{"untested": signed}),
		"limits.import":          q.with(request{"limits": data{"import": signed}}),
		"keep":                   q.with(request{"keep": signed}),
	}
}

// useSlips starts with the Temporal CLI, and gives to starter, what must not be written there.
func (v *vault) useSlips() {
	n := 0
	for path, q := range v.slips() {
		n++
		id := fmt.Sprintf("retrain/slip-%d", n)
		if path != "name" {
			q = q.with(request{"name": strings.TrimPrefix(id, "retrain/")})
		}
		failure := v.startedWith(id, q)
		require.Equal(v, lifecycle.InvalidRequest, failure.Type)
		require.Contains(v, encoded(v, failure.Problems), `"`+path+`"`)
		require.Contains(v, *failure.Next, "revoke it at once", path)
		v.does(2, "run", "-f", v.write(q), "--task-queue", v.queue, "--output", "json")
	}
	signed := v.slips()["training[0].contentUrl"]
	v.does(2, "run", "-f", v.write(signed), "--task-queue", v.queue)
	v.does(2, "plan", "-f", v.write(signed), "--task-queue", v.queue)
	v.does(0, "report", "slip-1")
	v.temporal("workflow", "describe", "--workflow-id", "retrain/slip-1")
	v.temporal("workflow", "metadata", "--workflow-id", "retrain/slip-1")
}

// startedWith starts a run with the Temporal CLI and returns how it failed.
func (v *vault) startedWith(id string, q request) lifecycle.Failure {
	v.Helper()
	v.temporal("workflow", "start", "--type", "Retrain", "--task-queue", v.queue, "--workflow-id", id, "--input-file", v.write(q))
	var report lifecycle.Report
	err := v.client.GetWorkflow(v.Context(), id, "").Get(v.Context(), &report)
	require.Error(v, err)
	return *reportOf(v.bench, err).Error
}

// encoded is a value as JSON.
func encoded(v *vault, value any) string {
	v.Helper()
	text, err := json.Marshal(value)
	require.NoError(v, err)
	return string(text)
}

// useMistakes gives starter files that are broken beside a secret, and settings that hold one in the wrong place.
func (v *vault) useMistakes() {
	signed := v.hosts.dataURLs(v.secrets)["SIGNED"]
	head := "name: wrong\nlocale: en-US\ntraining:\n"
	for name, text := range map[string]string{
		"tab.yaml":       head + "  - name: x\n    contentUrl: " + signed + "\n\tkind: Language\n",
		"quote.yaml":     head + "  - name: x\n    contentUrl: \"" + signed + "\n    kind: Language\n",
		"twice.yaml":     head + "  - name: x\n    contentUrl: " + signed + "\n    contentUrl: " + signed + "\n    kind: Language\n",
		"key.yaml":       head + "  - name: x\n    " + signed + ": 1\n    " + signed + ": 2\n",
		"alias.yaml":     head + "  - name: x\n    contentUrl: *" + signed + "\n",
		"tag.yaml":       head + "  - name: x\n    contentUrl: !!int " + signed + "\n",
		"nested.yaml":    head + "  - name: x\n    contentUrl: a: " + signed + "\n",
		"object.yaml":    head + "  - name: x\n    contentUrl: {a: \"" + signed + "\"}\n",
		"text.yaml":      signed + "\n",
		"broken.json":    `{"name": "wrong", "training": [{"contentUrl": "` + signed + `" "kind": 1}]}`,
		"truncated.json": `{"name": "wrong", "training": [{"contentUrl": "` + signed,
	} {
		file := v.file(name, text)
		v.does(2, "run", "-f", file, "--output", "json")
		v.does(2, "apply", "-f", file)
	}
	upload := []string{"data", "upload", v.file("x.txt", "\ufeffthe turbine stands still\r\n"), "--name", "wrong", "--kind", "Language", "--locale", "en-US"}
	for _, setting := range []string{
		"SPEECH_KEY_FILE=" + v.secrets.shaped, "SPEECH_KEY=" + v.secrets.fileKey + " x",
		"SPEECH_ENDPOINT=" + strings.Replace(signed, "http://", "https://", 1),
		"SPEECH_ENDPOINT=https://user:" + v.secrets.password + "@speech.example", "SPEECH_ENDPOINT=https://[" + v.secrets.shaped,
		"SPEECH_ENDPOINT=" + v.secrets.shaped,
		"SPEECH_REGION=" + v.secrets.shaped, "SPEECH_API_VERSION=" + v.secrets.shaped,
		"SPEECH_LIST_LAG=" + v.secrets.shaped, "SPEECH_QUOTA_SHARE=" + v.secrets.shaped,
	} {
		r := v.uploading([]string{"SPEECH_KEY=" + v.secrets.key, setting}, upload...)
		require.Equal(v, 2, r.code, "%s\n%s", setting, r.stderr)
	}
}
