// Package openapi is a client for the openapi provider: the super-app wallet
// whose server API is called its OpenAPI platform. It is a provider, not the
// format: what the package is generated from is called a spec here
// (specs/openapi.yaml, edition v2). Every result code that the provider
// documents is a constant (ErrRiskReject) with its meaning, advice and page.
//
// Authentication: every request is signed with the merchant's RSA key, and every
// answer is verified with the provider's before any of it is believed. Keys have
// versions, so that they can be changed without a gap.
//
// Results: the provider answers S, F, U or A, mostly with HTTP 200. S and A are
// results; Result.Wait says what an accepted one waits for. F is an error with
// the provider's advice. U is an error that matches apierr.ErrOutcomeUnknown and
// keeps its request id: ask with the inquiry or the Wait functions, or repeat
// under the same id.
//
// Money: an Amount is a whole number of minor units, 2500 EUR cents are 25.00
// EUR. It never passes through a float.
//
// Retries: calls that move money carry a request id in their body, which the
// client makes when it is empty. They are repeated under it, with the same bytes
// and a fresh signature; the provider acts once.
//
// Notifications are signed. Webhook verifies them, runs your code once for each
// and answers what the provider wants to read.
package openapi
