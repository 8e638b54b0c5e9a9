package main

import (
	"context"
	"os/exec"
	"strings"
)

// runMake proves a row with a target of the Makefile. The target ends with lines that start with "figure: " or
// "not applicable: "; anything but exit code 0 is a failure.
func runMake(ctx context.Context, r row) proof {
	args := strings.Fields(r.Make)
	out, err := exec.CommandContext(ctx, "make", args...).CombinedOutput()
	p := proof{Place: "make " + r.Make, Passed: err == nil}
	for _, line := range strings.Split(string(out), "\n") {
		if figure, ok := strings.CutPrefix(line, "figure: "); ok {
			p.Figures = append(p.Figures, figure)
		}
		if why, ok := strings.CutPrefix(line, "not applicable: "); ok {
			p.Without = why
		}
		p.Output = append(p.Output, line+"\n")
	}
	return p
}
