"""`python -m platformctl.cli`: the same as the `platformctl` command."""

from platformctl.cli.main import main

main()
