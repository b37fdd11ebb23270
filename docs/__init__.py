"""The documentation. Its reference pages are generated from the code: `make docs`."""
