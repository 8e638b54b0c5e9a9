package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
)

// settings are the command-line settings.
type settings struct {
	host        string
	basePort    int
	envFile     string
	callback    string
	allowRemote bool
}

func parse(args []string, errs io.Writer) (settings, error) {
	s := settings{}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	flags.StringVar(&s.host, "addr", "127.0.0.1", "IP `address` to listen on")
	flags.IntVar(&s.basePort, "base-port", 4011, "first `port`, the other providers use the following ones; 0 chooses free ports")
	flags.StringVar(&s.envFile, "env", "", "`file` to which to write the settings, as NAME=value lines")
	flags.StringVar(&s.callback, "callback", "", "`URL` of your callback handler")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow an address that other machines can reach, and callbacks to other machines")
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
	host, err := netip.ParseAddr(s.host)
	if err != nil {
		return fmt.Errorf("-addr %q is not an IP address such as 127.0.0.1 or ::1", s.host)
	}
	if !host.IsLoopback() && !s.allowRemote {
		return fmt.Errorf("-addr %s can be reached by other machines, and the credentials of the sandboxes are public; add -allow-remote to allow it", s.host)
	}
	if s.basePort < 0 || s.basePort > 65000 {
		return fmt.Errorf("-base-port %d is out of range; it must be 0 to 65000", s.basePort)
	}
	if to, err := url.Parse(s.callback); s.callback != "" && (err != nil || to.Host == "") {
		return fmt.Errorf("-callback %q is not a URL such as http://127.0.0.1:8080/paid", s.callback)
	}
	return nil
}
