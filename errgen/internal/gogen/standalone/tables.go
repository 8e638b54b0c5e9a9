// Package standalone is the part of a self-contained error file that is the same for every spec: the error type, the
// reader of answers and the doer. errgen prints these files, all but this one, into what it makes, so everything that is
// not for callers has "error" in its name: the file shares its package with other people's code.
package standalone

// What errgen writes from a spec stands here, empty, so that this package compiles.
const errorAPI = "api"

var (
	errorEnvelopes  []errorEnvelope
	errorOperations []errorOperation
)

// What errgen writes for servers.
var (
	errorShapes []errorShape
	errorForms  []errorForm
)
