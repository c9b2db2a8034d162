package speech

// Link is the URL of an object as it was written, with the kind and the ID that it names. They are read once, when the
// link is made or decoded: a resource has thousands of links, and each is asked for its ID again and again.
type Link struct {
	url  string
	kind Kind
	id   string
}

// LinkTo is the link of that URL; one that is not the URL of an object (ParseRef) has no kind and no ID.
func LinkTo(rawURL string) Link {
	l := Link{url: rawURL}
	if kind, id, err := ParseRef(rawURL); err == nil {
		l.kind, l.id = kind, id
	}
	return l
}

// String is the URL as it was written.
func (l Link) String() string { return l.url }

// MarshalText writes the URL as it was written.
func (l Link) MarshalText() ([]byte, error) { return []byte(l.url), nil }

// UnmarshalText takes any text: whether it must name an object is to be said by who reads it.
func (l *Link) UnmarshalText(text []byte) error {
	*l = LinkTo(string(text))
	return nil
}
