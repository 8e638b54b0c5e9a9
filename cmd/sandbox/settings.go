package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strings"
)

// settings are the command-line settings.
type settings struct {
	listen        string
	basePort      int
	allowedHosts  hosts
	callbackHosts hosts
	envFile       string
	callback      string
}

// hosts are the values of a flag that can be repeated.
type hosts []string

// String returns the hosts for the flag package.
func (h *hosts) String() string { return strings.Join(*h, ", ") }

// Set adds a host. The sandboxes check its form.
func (h *hosts) Set(host string) error {
	if host == "" {
		return errors.New("the host is empty; use a name such as sandbox")
	}
	*h = append(*h, host)
	return nil
}

func parse(args []string, errs io.Writer) (settings, error) {
	s := settings{}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	flags.StringVar(&s.listen, "listen", "127.0.0.1", "IP `address` to listen on; one that other machines reach needs --allow-host")
	flags.IntVar(&s.basePort, "base-port", 4011, "first `port`, the other providers use the following ones; 0 chooses free ports")
	flags.StringVar(&s.envFile, "env", "", "`file` to which to write the settings, as NAME=value lines")
	flags.StringVar(&s.callback, "callback", "", "`URL` of your callback handler")
	flags.Var(&s.allowedHosts, "allow-host", "`host` that requests may name besides localhost and the listen address; can be repeated")
	flags.Var(&s.callbackHosts, "allow-callback-host", "`host` that receives callbacks besides loopback addresses; can be repeated")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(errs, "usage of sandbox:")
		flags.SetOutput(errs)
		flags.PrintDefaults()
	}
	if err != nil {
		return s, err
	}
	return s, s.check(flags.Args())
}

func (s settings) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q; only flags are accepted", rest[0])
	}
	address, err := netip.ParseAddr(s.listen)
	if err != nil {
		return fmt.Errorf("--listen %q is not an IP address such as 127.0.0.1 or ::1", s.listen)
	}
	if !address.IsLoopback() && len(s.allowedHosts) == 0 {
		return fmt.Errorf("--listen %s can be reached by other machines, and the credentials of the sandboxes are public; "+
			"to allow it, name the hosts by which clients reach it, as in --allow-host sandbox", s.listen)
	}
	if s.basePort < 0 || s.basePort > 65000 {
		return fmt.Errorf("--base-port %d is out of range; it must be 0 to 65000", s.basePort)
	}
	if to, err := url.Parse(s.callback); s.callback != "" && (err != nil || to.Host == "") {
		return fmt.Errorf("--callback %q is not a URL such as http://127.0.0.1:8080/paid", s.callback)
	}
	return nil
}
