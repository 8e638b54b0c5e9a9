package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
)

// sandboxes are the running sandboxes, in the order of providers.
type sandboxes []namedInstance

type namedInstance struct {
	name string
	instance
}

// startAll starts the sandbox of every provider. If one fails, it returns those that
// were started and the error.
func startAll(s settings) (sandboxes, error) {
	var running sandboxes
	for _, p := range providers() {
		port := s.basePort + p.portOffset
		if s.basePort == 0 {
			port = 0
		}
		addr := net.JoinHostPort(s.listen, strconv.Itoa(port))
		one, err := p.start(addr, s)
		if errors.Is(err, syscall.EADDRINUSE) {
			return running, fmt.Errorf("%s: %s is in use by another program; choose other ports with --base-port", p.name, addr)
		}
		if err != nil {
			return running, fmt.Errorf("%s: %w", p.name, err)
		}
		running = append(running, namedInstance{p.name, one})
	}
	return running, nil
}

func (s sandboxes) close() {
	for _, one := range s {
		one.close()
	}
}

// print prints base URLs and credentials as a table.
func (s sandboxes) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tSETTING\tVALUE")
	for _, one := range s {
		for _, v := range one.env {
			switch {
			case v.value != "":
				fmt.Fprintf(table, "%s\t%s\t%s\n", one.name, v.name, v.value)
			case v.file != "":
				fmt.Fprintf(table, "%s\t%s\t(a key file, written with --env)\n", one.name, v.name)
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nThe control routes are under /_sandbox/ of each base URL. Press ctrl-C to stop.")
	return err
}

// writeEnv writes NAME=value lines to file and key files to its folder. It omits empty
// values.
func (s sandboxes) writeEnv(file string) error {
	var lines strings.Builder
	for _, one := range s {
		for i := range one.env {
			v := &one.env[i]
			if v.file != "" {
				path, err := filepath.Abs(filepath.Join(filepath.Dir(file), v.file))
				if err == nil {
					err = os.WriteFile(path, []byte(v.content), 0o600)
				}
				if err != nil {
					return fmt.Errorf("--env: %w", err)
				}
				v.value = path
			}
			if v.value != "" {
				fmt.Fprintf(&lines, "%s=%s\n", v.name, v.value)
			}
		}
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("--env: %w", err)
	}
	return nil
}
