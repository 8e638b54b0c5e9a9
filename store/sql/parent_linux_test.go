package sqlstore_test

import "syscall"

// endWithParent ends a process also if the test binary is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
