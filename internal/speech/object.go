package speech

import "time"

// Object is what all objects of the service share. Fields that a kind does not have (a project has
// no status, a base model no custom properties) are zero.
type Object struct {
	// Self is the object's URL as the service gave it.
	Self        Link   `json:"self"`
	DisplayName string `json:"displayName"`
	Description string `json:"description,omitempty"`
	Locale      string `json:"locale"`
	// CreatedDateTime is zero when the service gave none.
	CreatedDateTime time.Time `json:"createdDateTime,omitzero"`
	// LastActionDateTime is when the present status was entered; zero when the service gave none.
	LastActionDateTime time.Time         `json:"lastActionDateTime,omitzero"`
	Status             Status            `json:"status,omitempty"`
	CustomProperties   map[string]string `json:"customProperties,omitempty"`
}

// ID is the last segment of the path of Self, in small letters.
func (o Object) ID() string { return o.Self.id }

// Origin is the ID and when the object was created (zero when the service does not say): what tells apart objects that
// are otherwise the same.
func (o Object) Origin() (id string, created time.Time) { return o.ID(), o.CreatedDateTime }

// Ref is the reference to this object.
func (o Object) Ref() Ref { return Ref{Self: o.Self} }

// shared gives generic code the common part of any object.
func (o Object) shared() Object { return o }

// dates are all the dates that an object carries; kinds with more of them add theirs.
func (o Object) dates() []time.Time { return []time.Time{o.CreatedDateTime, o.LastActionDateTime} }

// object is any wire type that embeds Object.
type object interface {
	shared() Object
	dates() []time.Time
}

// Update changes the metadata of an object; what is nil stays as it is (schemas DatasetUpdate, ModelUpdate).
// CustomProperties replaces the whole map: read, modify, write is the caller's. An empty map that is not nil takes all
// properties off.
type Update struct {
	DisplayName      *string           `json:"displayName,omitempty"`
	Description      *string           `json:"description,omitempty"`
	Project          *Ref              `json:"project,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitzero"`
}

// EntityError is the reason that the service gives for a Failed object (schema EntityError).
type EntityError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Meta is what an answer says besides its body.
type Meta struct {
	// ObservedAt is the service's now: the Date header of the answer, for a list that of its first page.
	ObservedAt time.Time
	// LocalClock is true when the answer had no usable Date header, so that ObservedAt is this machine's clock.
	LocalClock bool
	// RetryAfter is the least time to wait before asking again; it counts only with HasRetryAfter.
	RetryAfter    time.Duration
	HasRetryAfter bool
}
