"""What the documentation claims, measured side by side in one run: `make bench`."""
