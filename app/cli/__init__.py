"""The command line: one module a command or group, imported only when it runs."""
