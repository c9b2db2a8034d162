package main

import (
	"net/http"

	"go.temporal.io/sdk/interceptor"

	"speech-retrainer/internal/speech"
)

// What a build with the tag "crash" puts around activities and requests, so that the crash campaign can stop
// the worker at one exact point. A worker as it is shipped has none of it.
var (
	pointInterceptors []interceptor.WorkerInterceptor
	pointTransport    http.RoundTripper
	pointClient       func(*speech.Client)
)
