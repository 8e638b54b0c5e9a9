package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The sandbox's credentials are public, so anyone who can send it a request can pay
// and read everything. A browser on this machine must not do that for a page of
// another origin, which may have its own name resolve to this machine.

// refusal returns why a request is refused before it is read, or nil.
func (s *Sandbox) refusal(r *http.Request) (status int, refused *controlMessage) {
	if !s.isOwnHost(r) {
		return http.StatusMisdirectedRequest, &controlMessage{Problem: fmt.Sprintf("host %.100q is not allowed: use localhost, a loopback address or the address "+
			"that the sandbox listens on, or allow the host with WithAllowedHosts or --allow-host", r.Host)}
	}
	if isForeignOrigin(r) {
		return http.StatusForbidden, &controlMessage{Problem: fmt.Sprintf("the request comes from a page of another origin (Origin %.100q, Sec-Fetch-Site %.100q), "+
			"which cannot use the sandbox: send it from a server or from a page of the sandbox's own origin", r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site"))}
	}
	return 0, nil
}

// isOwnHost reports whether the Host of a request is the sandbox. A request that no
// server received, which a test passed to the handler, has any host.
func (s *Sandbox) isOwnHost(r *http.Request) bool {
	local, served := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !served {
		return true
	}
	host := hostName(r.Host)
	return host != "" && (isLocal(host) || slices.Contains(s.hosts, host) || host == hostName(local.String()))
}

// isForeignOrigin reports whether a browser sent a request for a page of another
// origin. The protection of net/http lets reads through; here they can use up a queued
// fault, so only a link to the sandbox passes.
func isForeignOrigin(r *http.Request) bool {
	if r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return false
	}
	write := *r
	write.Method = http.MethodPost
	return new(http.CrossOriginProtection).Check(&write) != nil
}

// checkHosts returns the hosts given to an option, which have no ports, in the form of
// canonicalHost.
func checkHosts(option string, hosts []string) ([]string, error) {
	var names []string
	for _, host := range hosts {
		name := canonicalHost(host)
		if at := net.JoinHostPort(name, "80"); host == "" || hostName(at) != name {
			return nil, inputErrorf("%s: %q is not a host; use a name such as sandbox or an IP address such as 192.0.2.1, without scheme and port", option, host)
		}
		names = append(names, name)
	}
	return names, nil
}

// hostName returns the host of a host with an optional port, in the form of
// canonicalHost. It returns "" if the text is not one.
func hostName(hostPort string) string {
	u, err := url.Parse("http://" + hostPort)
	if err != nil || u.Host != hostPort || strings.ContainsAny(u.Hostname(), " *,") {
		return ""
	}
	return canonicalHost(u.Hostname())
}

// canonicalHost returns the form in which hosts are compared.
func canonicalHost(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().WithZone("").String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// isLocal reports whether a host is this machine, without a lookup. Names below
// localhost belong to this machine too (RFC 6761).
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return address.IsLoopback()
}
