package transport

import "net/http"

// OwnTransport returns the transport of a client without an option for another one.
func OwnTransport() *http.Transport { return transport().(*http.Transport) }
