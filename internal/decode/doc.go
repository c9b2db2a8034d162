// Package decode reads the inputs of the workflows: raw JSON becomes a value with its defaults, and a list of all that is
// wrong with it, each problem with its path (training[0].kind). A typed input would report the first problem only, and
// drop fields that nobody knows. Workflows and starter decode here, so that both refuse the same, in the same words.
package decode
