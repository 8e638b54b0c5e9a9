// Package catalog turns HTTP responses into errors of package apierr.
//
// errgen generates a [Catalog] from a spec. It describes where error bodies keep
// their parts, how plain-text errors are recognized, and what each operation
// declares. [Catalog.Read] turns status, header and body of a response into an
// error. [Catalog.RoundTripper] and [Catalog.Doer] use it in HTTP clients, such as
// those that oapi-codegen generates, and [Catalog.WriteError] writes error
// responses in servers.
//
// Applications use package apierr and their generated package. They need this
// package only for the types that those return.
package catalog
