// Package speech is the client of the custom-speech part of Azure's Speech to text REST API,
// versions 2025-10-15 and 2024-11-15: one method for each operation used, exact wire types,
// typed errors, paging, Retry-After, and one rate limit for all callers of a process.
//
// The client never retries: Temporal owns all retries. It never follows a redirect and never
// sends a key or token to another host than the configured one. Nothing that it returns or
// logs holds a key, a token or the signature of a URL.
package speech
