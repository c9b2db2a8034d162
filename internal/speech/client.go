package speech

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/go-resty/resty/v2"
	"go.uber.org/zap"

	"speech-retrainer/internal/resource"
	"speech-retrainer/internal/web"
)

// The limits and defaults of a client, each in one place.
const (
	defaultTimeout      = 30 * time.Second
	defaultMaxResponse  = 16 << 20
	defaultTokenScope   = "https://cognitiveservices.azure.com/.default"
	keyHeader           = "Ocp-Apim-Subscription-Key"
	authorizationHeader = "Authorization"
)

// Config holds the settings of a client. Access must lead to a resource; the zero value of everything else is a default.
type Config struct {
	resource.Access
	// NoQuota leaves the limit of requests out: for a service on this machine, any other is refused.
	NoQuota bool
	// StartEmpty begins without the burst of requests that the quota allows after a rest: a process that is
	// restarted again and again must not get one each time. The first requests are 1/8 s apart.
	StartEmpty bool
	// Timeout is the limit of one request, 30 s when zero.
	Timeout time.Duration
	// MaxResponseBytes is the most that is read of one answer, 16 MiB when zero.
	MaxResponseBytes int64
	// Transport sends the requests; one of the client's own when nil.
	Transport http.RoundTripper
	// Logger gets one debug line for each request, and a warning when the service says that it gets too many; none when nil.
	Logger *zap.Logger
	// Observer hears what becomes of the requests; nobody does when nil.
	Observer Observer
	// Now is this machine's clock, used only for answers without a Date header.
	Now func() time.Time
}

// Client speaks to one Speech resource. It is safe for concurrent use, and all its callers share
// one rate limit.
type Client struct {
	base       *url.URL
	version    string
	key        string
	ownKey     *concealed // the key
	tokens     *concealed // the tokens that were sent
	links      *concealed // the URLs that are to be kept
	credential azcore.TokenCredential
	scope      string
	timeout    time.Duration
	maxBytes   int64
	http       *resty.Client
	limiter    *limiter
	access     *access
	logger     *zap.Logger
	observer   Observer
	now        func() time.Time
}

// New checks the settings and makes a client; it sends nothing.
func New(cfg Config) (*Client, error) {
	base, err := resource.Address(cfg.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint %w", err)
	}
	version := cmp.Or(cfg.APIVersion, resource.DefaultAPIVersion)
	if !slices.Contains(resource.APIVersions(), version) {
		return nil, fmt.Errorf("API version %q is not supported, use %s", version, strings.Join(resource.APIVersions(), " or "))
	}
	if cfg.Key == "" && cfg.Credential == nil {
		return nil, errors.New("neither a key nor an Entra credential is given")
	}
	share := cmp.Or(cfg.QuotaShare, 1)
	if !(share >= resource.MinQuotaShare && share <= 1) {
		return nil, fmt.Errorf("quota share %v is outside %v to 1", cfg.QuotaShare, resource.MinQuotaShare)
	}
	if cfg.NoQuota && base.Scheme != "http" {
		return nil, errors.New("only a service on this machine has no quota")
	}
	transport, err := safeTransport(cfg.Transport)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:       base,
		version:    version,
		key:        cfg.Key,
		ownKey:     &concealed{},
		tokens:     &concealed{most: mostTokens},
		links:      &concealed{},
		credential: cfg.Credential,
		scope:      cmp.Or(cfg.TokenScope, defaultTokenScope),
		timeout:    cmp.Or(cfg.Timeout, defaultTimeout),
		maxBytes:   cmp.Or(cfg.MaxResponseBytes, defaultMaxResponse),
		logger:     cfg.Logger,
		observer:   cfg.Observer,
		now:        cfg.Now,
		access:     &access{},
	}
	c.ownKey.add(cfg.Key)
	if c.logger == nil {
		c.logger = zap.NewNop()
	}
	if c.observer == nil {
		c.observer = unobserved{}
	}
	c.limiter = newLimiter(share, c.logger)
	if cfg.StartEmpty {
		c.limiter.empty()
	}
	if cfg.NoQuota {
		c.limiter.quota.none()
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.http = newHTTP(transport, c.maxBytes)
	return c, nil
}

// Resource is the host of the Speech resource, with the port when one is given.
func (c *Client) Resource() string { return c.base.Host }

// APIVersion is the version that every request asks for.
func (c *Client) APIVersion() string { return c.version }

// Credential is what is shown to the service: key or token.
func (c *Client) Credential() string {
	if c.key != "" {
		return "key"
	}
	return "token"
}

// HasProjects reports whether the API version knows projects; 2024-11-15 does not (NOTES 16).
func (c *Client) HasProjects() bool { return c.version != resource.VersionNoProjects }

// Ref makes the reference to an object of this resource.
func (c *Client) Ref(kind Kind, id string) Ref {
	return Ref{Self: LinkTo(c.url(kind.path()+"/"+url.PathEscape(id), nil).String())}
}

// project leaves out a reference that the API version does not know.
func (c *Client) project(r *Ref) *Ref {
	if !c.HasProjects() {
		return nil
	}
	return r
}

// url is the address of a path below the root, with the API version.
func (c *Client) url(path string, query url.Values) *url.URL {
	if query == nil {
		query = url.Values{}
	}
	query.Set("api-version", c.version)
	u := *c.base
	u.RawPath = u.Path + "/" + path
	u.Path += "/" + path
	if unescaped, err := url.PathUnescape(u.Path); err == nil {
		u.Path = unescaped
	}
	// A "+" for a blank is a convention of forms, not of URLs.
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return &u
}

// own reports whether a URL leads to this resource: only there may a key go.
func (c *Client) own(u *url.URL) bool {
	return u.User == nil && strings.EqualFold(u.Scheme, c.base.Scheme) && canonicalHost(u) == canonicalHost(c.base)
}

// canonicalHost is host and port in one spelling.
func canonicalHost(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// safeTransport is the transport to use; one that does not verify certificates is refused.
func safeTransport(rt http.RoundTripper) (http.RoundTripper, error) {
	if rt == nil {
		return web.NewTransport(), nil
	}
	if t, ok := rt.(*http.Transport); ok && t.TLSClientConfig != nil && t.TLSClientConfig.InsecureSkipVerify {
		return nil, errors.New("a transport that skips the verification of certificates is refused")
	}
	return rt, nil
}
