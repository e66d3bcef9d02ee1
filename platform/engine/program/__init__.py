"""Runs the Pulumi program: `child` is the process it runs in, `process` starts and watches it."""
