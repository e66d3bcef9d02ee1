"""The provider of the package `platformctl`: `python components ENGINE_ADDRESS`."""

import sys

from pulumi.provider import main

from platformctl.components.package.provider import ComponentPackage

if __name__ == "__main__":
    main(ComponentPackage(), sys.argv[1:])
