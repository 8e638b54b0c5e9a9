// Package faulthttp holds servers and transports that misbehave: raw sockets, HTTP/2
// frames, floods, slow and truncated responses. Only tests import it.
package faulthttp
