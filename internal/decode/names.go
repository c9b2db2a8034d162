package decode

import (
	"speech-retrainer/internal/speech"
)

// named reads what names an object of the service: its URL, its ID, or its display name.
func (o *object) named(key string, target *string, kind speech.Kind) {
	if !o.text(key, target) {
		return
	}
	n, err := speech.ReadName(*target, kind)
	switch {
	case err != nil:
		o.problem(o.at(key), "%s", err)
	case !n.Exact() && !printable(*target, maxTitle):
		o.problem(o.at(key), "must have 1 to %d printable characters", maxTitle)
	}
}

// ids reads a list of what can only be IDs or URLs of objects of a kind, and returns the IDs.
func (o *object) ids(key string, kind speech.Kind) []string {
	items, _ := o.list(key)
	var ids []string
	for i, item := range items {
		n, err := speech.ReadName(item.text, kind)
		switch {
		case item.kind != kindText || item.text == "":
			o.problem(index(o.at(key), i), "must be a non-empty string")
		case err != nil:
			o.problem(index(o.at(key), i), "%s", err)
		case !n.Exact():
			o.problem(index(o.at(key), i), "must be an ID, like 1aae1070-7972-47e9-a977-87e3b05c457d, or a URL: a display name means nothing here")
		default:
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// version reads versionId: the ID or the URL of a version. Whether there is one, the service says.
func (o *object) version(target *string) {
	if !o.line("versionId", target, maxURL) {
		return
	}
	if fault := VersionID(*target); fault != "" {
		o.problem(o.at("versionId"), "%s", fault)
		return
	}
	if n, err := speech.ReadName(*target, speech.KindModel); err == nil && n.Exact() {
		*target = n.ID
	}
}

// VersionID tells what is wrong with the ID, or the URL, of a version, or "" when nothing is. Whether there is one, the
// service says.
func VersionID(text string) string {
	n, err := speech.ReadName(text, speech.KindModel)
	switch {
	case err != nil:
		return err.Error()
	case !n.Exact():
		return "must be the ID of a version, like 1aae1070-7972-47e9-a977-87e3b05c457d, or its URL: a name means nothing here"
	}
	return ""
}

// maxURL is the longest URL of an object, in characters.
const maxURL = 500

// Means tells whether an answer names the version of an ID.
func Means(named, id string) bool {
	n, err := speech.ReadName(named, speech.KindModel)
	return named == id || err == nil && n.Exact() && n.ID == id
}
