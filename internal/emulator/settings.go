package emulator

import "time"

// Settings are the answers to the questions that the documentation leaves open (NOTES section 17), and the durations
// of each state. Every field can be set by a flag (--page-size for pageSize) and while running by
// PATCH /admin/settings. Fields with fixed choices name them in the tag enum.
type Settings struct {
	Profile string `json:"profile" enum:"plain,awkward" doc:"the profile that the settings began with"`

	PageSize          int      `json:"pageSize" min:"1" doc:"entities on a page when the request has no top"`
	MaxTop            int      `json:"maxTop" min:"1" doc:"largest top"`
	TopAboveMax       string   `json:"topAboveMax" enum:"cap,refuse" doc:"what a larger top gets"`
	ListOrder         string   `json:"listOrder" enum:"stored,oldest,newest,id" doc:"order of lists"`
	NextLink          string   `json:"nextLink" enum:"absent,null,alternate" doc:"@nextLink on the last page"`
	ListLag           Duration `json:"listLag" doc:"how long lists miss a new entity; passes in real time, advancing the clock passes it too"`
	ReadLag           Duration `json:"readLag" doc:"how long a GET or PATCH of a new entity answers 404; passes like listLag"`
	FilterQuote       string   `json:"filterQuote" enum:"double,backslash,none" doc:"how a filter's string holds a single quote"`
	FilterParentheses bool     `json:"filterParentheses" doc:"whether filters may have parentheses"`
	FilterFoldCase    bool     `json:"filterFoldCase" doc:"whether filters ignore case"`

	RateLimit      int      `json:"rateLimit" doc:"requests allowed in rateWindow, 0 for no limit"`
	RateWindow     Duration `json:"rateWindow" doc:"window of rateLimit, in real time"`
	RateRetryAfter int      `json:"rateRetryAfter" doc:"Retry-After of a throttled request in seconds, 0 for none"`
	RetryAfter     int      `json:"retryAfter" doc:"Retry-After while an entity is not in a terminal state, in seconds, 0 for none"`
	OmitDate       bool     `json:"omitDate" doc:"leave the Date header out"`

	InUseStatus           int  `json:"inUseStatus" enum:"400,409" doc:"status of deleting something in use"`
	BusyStatus            int  `json:"busyStatus" enum:"400,409" doc:"status of deleting or redeploying something that is not in a terminal state"`
	QuotaStatus           int  `json:"quotaStatus" enum:"400,403,409,429" doc:"status of a create above a quota"`
	NotDeployableStatus   int  `json:"notDeployableStatus" enum:"400,409" doc:"status of deploying a model that cannot be deployed"`
	MissingEndpointStatus int  `json:"missingEndpointStatus" enum:"204,404" doc:"status of deleting an endpoint that does not exist"`
	ErrorNulls            bool `json:"errorNulls" doc:"whether errors carry target, details and innerError as null"`

	PatchNull             string `json:"patchNull" enum:"remove,ignore,refuse" doc:"what null in a PATCH does"`
	CustomPropertiesPatch string `json:"customPropertiesPatch" enum:"merge,replace" doc:"what customProperties in a PATCH do to the keys not named"`

	DatasetQuota      int      `json:"datasetQuota" doc:"datasets allowed, 0 for no limit"`
	EndpointQuota     int      `json:"endpointQuota" doc:"endpoints allowed, 0 for no limit"`
	DeleteUncommitted bool     `json:"deleteUncommitted" doc:"whether a dataset that waits for blocks can be deleted"`
	BlocksLife        Duration `json:"blocksLife" doc:"after this time a dataset whose blocks were not committed fails, 0 for never"`

	MissingBOM      string   `json:"missingBom" enum:"accept,fail" doc:"text without a byte order mark"`
	URILine         string   `json:"uriLine" enum:"accept,reject,fail" doc:"a line of related text with a URI"`
	Repetition      string   `json:"repetition" enum:"accept,reject,fail" doc:"a line of related text that repeats a word more than three times"`
	BadAudio        string   `json:"badAudio" enum:"accept,reject,fail" doc:"an audio file of another format, damaged or too long"`
	MissingAudio    string   `json:"missingAudio" enum:"reject,fail" doc:"a transcript line without its audio file"`
	ExtraAudio      string   `json:"extraAudio" enum:"accept,reject,fail" doc:"an audio file without a transcript line"`
	UnclosedAudio   string   `json:"unclosedAudio" enum:"accept,reject,fail" doc:"an audio file whose header has no sizes, as written into a pipe"`
	ExtensibleAudio string   `json:"extensibleAudio" enum:"accept,reject,fail" doc:"PCM 16 bit that is declared as WAVE_FORMAT_EXTENSIBLE"`
	EmptyText       string   `json:"emptyText" enum:"accept,reject,fail" doc:"a transcript of signs only, of which nothing is left without punctuation"`
	Litter          string   `json:"litter" enum:"accept,reject,fail" doc:"a file that a desktop left in an archive, accept for unseen"`
	NameForm        string   `json:"nameForm" enum:"accept,reject" doc:"a name in a transcript in another Unicode form than in the archive"`
	Phones          string   `json:"phones" enum:"accept,reject,fail" doc:"signs of a phonetic alphabet in pronunciations and lexicons"`
	AllRejected     string   `json:"allRejected" enum:"accept,fail" doc:"a dataset of which every line was rejected"`
	MixPhonetics    string   `json:"mixPhonetics" enum:"refuse,fail" doc:"a training on Pronunciation and LanguageMarkdown together, fail for one that ends Failed"`
	RejectThreshold float64  `json:"rejectThreshold" doc:"share of rejected lines above which a dataset fails, 0..1"`
	ContentURLShown string   `json:"contentUrlShown" enum:"full,noQuery,absent" doc:"contentUrl in answers"`
	FetchTimeout    Duration `json:"fetchTimeout" doc:"limit of fetching a contentUrl, in real time"`

	DefaultBaseModel string `json:"defaultBaseModel" enum:"newest,previous" doc:"base model of a training that names none"`
	ReportForm       string `json:"reportForm" enum:"lines,opaque" doc:"form of report.json of datasets and models"`
	DisplayOnlyScore string `json:"displayOnlyScore" enum:"none,lexical,fail" doc:"word error rates of a model that gives display text only, none for -1"`
	DetailsForm      string `json:"detailsForm" enum:"phrases,opaque" doc:"form of an evaluation's detail files"`

	CopyAuthorizationLife Duration `json:"copyAuthorizationLife" doc:"life of an authorization to copy a model"`

	EndpointPatchStatus string `json:"endpointPatchStatus" enum:"running,succeeded" doc:"status of an endpoint while a new model is deployed"`
	FailedPatchShows    string `json:"failedPatchShows" enum:"old,new" doc:"model of an endpoint whose redeployment failed"`

	QueueTime      Duration `json:"queueTime" doc:"NotStarted, for every kind of entity"`
	ImportTime     Duration `json:"importTime" doc:"Running of a dataset"`
	TrainingTime   Duration `json:"trainingTime" doc:"Running of a model"`
	EvaluationTime Duration `json:"evaluationTime" doc:"Running of an evaluation"`
	DeployTime     Duration `json:"deployTime" doc:"Running of a new endpoint"`
	RedeployTime   Duration `json:"redeployTime" doc:"from the PATCH of an endpoint's model until it serves"`
	CopyTime       Duration `json:"copyTime" doc:"Running of a model copy"`
}

// Plain is the profile that answers as the documentation's examples do.
func Plain() Settings {
	return Settings{
		Profile:  "plain",
		PageSize: 100, MaxTop: 100, TopAboveMax: "cap", ListOrder: "oldest", NextLink: "absent",
		FilterQuote: "double", FilterParentheses: true,
		RateLimit: 100, RateWindow: Duration(10 * time.Second), RateRetryAfter: 2, RetryAfter: 1,
		InUseStatus: 400, BusyStatus: 400, QuotaStatus: 400, NotDeployableStatus: 400, MissingEndpointStatus: 204,
		PatchNull: "remove", CustomPropertiesPatch: "merge",
		DatasetQuota: 500, EndpointQuota: 50, DeleteUncommitted: true,
		MissingBOM: "accept", URILine: "reject", Repetition: "accept", BadAudio: "reject", MissingAudio: "reject",
		UnclosedAudio: "reject", ExtensibleAudio: "accept", EmptyText: "reject", Litter: "accept", NameForm: "reject", Phones: "accept",
		AllRejected: "fail", MixPhonetics: "refuse",
		ExtraAudio: "accept", RejectThreshold: 0.5, ContentURLShown: "noQuery", FetchTimeout: Duration(time.Minute),
		DefaultBaseModel: "newest", ReportForm: "lines", DetailsForm: "phrases", DisplayOnlyScore: "none",
		CopyAuthorizationLife: Duration(time.Hour),
		EndpointPatchStatus:   "running", FailedPatchShows: "old",
		QueueTime: Duration(time.Second), ImportTime: Duration(2 * time.Second), TrainingTime: Duration(5 * time.Second),
		EvaluationTime: Duration(3 * time.Second), DeployTime: Duration(3 * time.Second),
		RedeployTime: Duration(2 * time.Second), CopyTime: Duration(2 * time.Second),
	}
}

// Awkward is the profile that takes the other answer wherever the documentation allows one.
func Awkward() Settings {
	s := Plain()
	s.Profile = "awkward"
	s.PageSize, s.MaxTop, s.ListOrder, s.NextLink = 1, 10, "id", "alternate"
	s.ListLag = Duration(5 * time.Second)
	s.FilterQuote, s.FilterParentheses, s.FilterFoldCase = "none", false, true
	s.RateRetryAfter, s.RetryAfter = 1, 0
	s.InUseStatus, s.BusyStatus, s.QuotaStatus, s.NotDeployableStatus, s.MissingEndpointStatus = 409, 409, 403, 409, 404
	s.ErrorNulls = true
	s.PatchNull, s.CustomPropertiesPatch = "refuse", "replace"
	s.DeleteUncommitted = false
	s.BlocksLife = Duration(24 * time.Hour)
	s.MissingBOM, s.Repetition, s.ExtraAudio, s.RejectThreshold = "fail", "reject", "reject", 0.95
	s.UnclosedAudio, s.ExtensibleAudio, s.EmptyText, s.Litter = "accept", "reject", "fail", "reject"
	s.NameForm, s.Phones, s.AllRejected, s.MixPhonetics = "accept", "reject", "accept", "fail"
	s.ContentURLShown = "full"
	s.DefaultBaseModel, s.ReportForm, s.DetailsForm = "previous", "opaque", "opaque"
	s.DisplayOnlyScore = "lexical"
	s.CopyAuthorizationLife = Duration(10 * time.Minute)
	s.EndpointPatchStatus, s.FailedPatchShows = "succeeded", "new"
	return s
}
