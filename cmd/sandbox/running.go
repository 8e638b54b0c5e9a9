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

// fleet are the sandboxes that run, in the order of the list.
type fleet []named

type named struct {
	name string
	instance
}

// startAll starts every provider. When one cannot start, the error says why
// and the fleet holds those that did.
func startAll(s settings) (fleet, error) {
	var running fleet
	for _, p := range providers() {
		port := s.basePort + p.place
		if s.basePort == 0 {
			port = 0
		}
		addr := net.JoinHostPort(s.host, strconv.Itoa(port))
		one, err := p.start(addr, s)
		if errors.Is(err, syscall.EADDRINUSE) {
			return running, fmt.Errorf("%s: %s is taken by another program; choose other ports with -base-port", p.name, addr)
		}
		if err != nil {
			return running, fmt.Errorf("%s: %w", p.name, err)
		}
		running = append(running, named{p.name, one})
	}
	return running, nil
}

func (f fleet) close() {
	for _, one := range f {
		one.close()
	}
}

// print shows base URLs and credentials as a table.
func (f fleet) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tSETTING\tVALUE")
	for _, one := range f {
		for _, v := range one.env {
			switch {
			case v.value != "":
				fmt.Fprintf(table, "%s\t%s\t%s\n", one.name, v.name, v.value)
			case v.file != "":
				fmt.Fprintf(table, "%s\t%s\t(a key file: -env writes it)\n", one.name, v.name)
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nControl routes are under /_sandbox/ of each base URL. Interrupt (ctrl-C) to end.")
	return err
}

// writeEnv writes NAME=value lines, and key files beside them. Values without a
// meaning are left out.
func (f fleet) writeEnv(file string) error {
	var lines strings.Builder
	for _, one := range f {
		for i := range one.env {
			v := &one.env[i]
			if v.file != "" {
				path, err := filepath.Abs(filepath.Join(filepath.Dir(file), v.file))
				if err == nil {
					err = os.WriteFile(path, []byte(v.content), 0o600)
				}
				if err != nil {
					return fmt.Errorf("-env: %w", err)
				}
				v.value = path
			}
			if v.value != "" {
				fmt.Fprintf(&lines, "%s=%s\n", v.name, v.value)
			}
		}
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("-env: %w", err)
	}
	return nil
}
