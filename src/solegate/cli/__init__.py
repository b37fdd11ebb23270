"""The `solegate` command: one file per command, `output` for what is shown, `failures` for what went wrong."""
