//go:build !linux

package sqlstore_test

import "syscall"

// endWithParent does nothing where the system does not offer it.
func endWithParent(*syscall.SysProcAttr) {}
