// Package specmodel reads the operations of a spec and makes and edits documents that
// match its schemas. Only tests import it.
package specmodel
