// Package openapi is a client for the openapi provider, a super-app wallet whose
// server API is called its OpenAPI platform. The name means this provider, not the
// specification format. The package is generated from specs/openapi.yaml (edition
// v2 of the API). Every result code that the provider documents is a constant,
// such as ErrRiskReject, with its meaning, advice and reference page.
//
// Authentication: every request is signed with the merchant's RSA key, and every
// response is verified with the provider's key before any of it is used. Keys have
// versions, so that they can be exchanged without an interruption.
//
// Results: the provider responds with the status S, F, U or A, mostly with HTTP
// 200. S and A are results; Result.Wait says what an accepted call waits for. F is
// an error with the provider's advice. U is an error that matches
// apierr.ErrOutcomeUnknown and keeps its request ID: use an inquiry or a Wait
// method to find out what happened, or repeat the call under the same ID.
//
// Money: an Amount is a whole number of minor units: 2500 EUR is 25.00 EUR. It is
// never converted to a float.
//
// Retries: operations that move money have a request ID in their body, which the
// client generates if it is empty. They are retried under that ID, with the same
// bytes and a new signature, and the provider acts once.
//
// Notifications are signed. Webhook verifies them, runs your code once for each
// event and responds in the provider's format.
//
// Certainty: what rests on an inference or on one weak source is marked Unverified in
// the comments, with the reason. The reference page lists all of it. No page says
// which members a response always has besides its result: check that an ID, an
// address or a token is there before you use it.
package openapi
