"""One file for each kind of source: what proves it, and where its messages say what they are about."""
