package emulator

import (
	"time"

	"speech-retrainer/internal/emulator/intake"
	"speech-retrainer/internal/emulator/recognizer"
)

// The service's states (schema Status).
const (
	notStarted = "NotStarted"
	running    = "Running"
	succeeded  = "Succeeded"
	failed     = "Failed"
)

// entity is what all objects of the service share.
type entity struct {
	ID               string            `json:"id"`
	Seq              int64             `json:"seq"` // order of creation
	DisplayName      string            `json:"displayName"`
	Description      *string           `json:"description,omitempty"`
	CustomProperties map[string]string `json:"customProperties,omitempty"`
	Locale           string            `json:"locale"`
	Created          time.Time         `json:"created"`
	Project          string            `json:"project,omitempty"`
	// listedFrom is the steady time from which lists show the object; it is lost with the process.
	listedFrom time.Duration
	// readableFrom is the steady time from which the object is found by its ID; it is lost with the process.
	readableFrom time.Duration
}

func (e *entity) common() *entity { return e }

// job is what all objects with a status share: a plan on the virtual clock, carried out by settle.
type job struct {
	Status     string    `json:"status"`
	LastAction time.Time `json:"lastAction"`
	// StartAt and EndAt are when Running and the terminal state are entered; zero means that something else has to
	// happen first (blocks, an admin's word).
	StartAt time.Time `json:"startAt"`
	EndAt   time.Time `json:"endAt"`
	Error   *failure  `json:"error,omitempty"`
	// Planned is the failure that an admin asked for.
	Planned *failure `json:"planned,omitempty"`
}

func (j *job) terminal() bool { return j.Status == succeeded || j.Status == failed }

// start plans the states of a new job.
func (j *job) start(now time.Time, queue, work Duration, o Outcome) {
	if o.Duration != nil {
		work = *o.Duration
	}
	j.Status, j.LastAction, j.Planned, j.Error = notStarted, now, o.failure(), nil
	j.StartAt = now.Add(time.Duration(queue))
	if j.EndAt = j.StartAt.Add(time.Duration(work)); o.Hang {
		j.EndAt = time.Time{}
	}
}

// advance enters the states that are due and reports whether one was. The job ends only when ready, at the time given
// with it if that is later than planned; finish then does what success means, and may return why there is none.
func (j *job) advance(now time.Time, ready bool, readyAt time.Time, finish func() *failure) bool {
	before := *j
	if j.Status == notStarted && due(j.StartAt, now) {
		j.Status, j.LastAction = running, j.StartAt
	}
	if j.Status == running && ready && due(j.EndAt, now) {
		j.LastAction = j.EndAt
		if readyAt.After(j.EndAt) {
			j.LastAction = readyAt
		}
		if j.Error = j.Planned; j.Error == nil {
			j.Error = finish()
		}
		if j.Status = succeeded; j.Error != nil {
			j.Status = failed
		}
	}
	return before.Status != j.Status
}

func due(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// reference names a model; base and custom models differ by the path only.
type reference struct {
	ID   string `json:"id"`
	Base bool   `json:"base,omitempty"`
}

type baseModel struct {
	entity
	Status        string     `json:"status"`
	Adaptation    *time.Time `json:"adaptation,omitempty"`
	Transcription *time.Time `json:"transcription,omitempty"`
	Kinds         []string   `json:"kinds"` // nil = supportsAdaptationsWith is absent
	Charge        bool       `json:"charge"`
	NoEndpoints   bool       `json:"noEndpoints,omitempty"`
	DisplayOnly   bool       `json:"displayOnly,omitempty"`
	Quality       float64    `json:"quality"`
}

type model struct {
	entity
	job
	Base          reference     `json:"base"`
	Datasets      []string      `json:"datasets"`
	Weight        *int          `json:"weight,omitempty"`
	Transcription time.Time     `json:"transcription"`
	NoEndpoints   bool          `json:"noEndpoints,omitempty"`
	DisplayOnly   bool          `json:"displayOnly,omitempty"`
	Quality       float64       `json:"quality"`
	Learned       []string      `json:"learned,omitempty"` // keys of state.Vocabularies
	Audio         time.Duration `json:"audio,omitempty"`
}

type block struct {
	ID        string `json:"id"`
	Size      int64  `json:"size"`
	Committed bool   `json:"committed,omitempty"`
}

type dataset struct {
	entity
	job
	Kind              string            `json:"kind"`
	ContentURL        string            `json:"contentUrl,omitempty"`
	TextNormalization string            `json:"textNormalization,omitempty"`
	Uploaded          bool              `json:"uploaded,omitempty"` // by blocks
	Blocks            map[string]*block `json:"blocks,omitempty"`
	BlockOrder        []string          `json:"blockOrder,omitempty"` // as committed
	Import            *imported         `json:"import,omitempty"`
}

// imported is what the import of a dataset found. It is kept with the dataset, for training and evaluation need it.
type imported struct {
	intake.Result
	At         time.Time `json:"at"`
	Size       int64     `json:"size"`
	Vocabulary string    `json:"vocabulary,omitempty"` // key of state.Vocabularies
}

type project struct {
	entity
	Foundry *string `json:"foundry,omitempty"`
}

type operation struct {
	entity
	job
	Source string `json:"source"`
	Copied string `json:"copied"`
	Result string `json:"result,omitempty"` // set once the copy is there
}

type evaluation struct {
	entity
	job
	Models  [2]reference `json:"models"`
	Dataset string       `json:"dataset"`
	Scores  *[2]score    `json:"scores,omitempty"`
}

type endpoint struct {
	entity
	job
	// Model is what the entity shows, Serving what answers calls; they differ while a new model is being deployed.
	Model   reference  `json:"model"`
	Serving *reference `json:"serving,omitempty"`
	Next    *reference `json:"next,omitempty"`
	Logging bool       `json:"logging,omitempty"`
}

// ears is what the recogniser needs to know of a model.
func (m *model) ears(vocabularies map[string]map[string]int) recognizer.Model {
	taught := map[string]int{}
	for _, key := range m.Learned {
		for word, n := range vocabularies[key] {
			taught[word] += n
		}
	}
	return recognizer.Model{Quality: m.Quality, Taught: taught, Audio: m.Audio}
}
