"""What can be asked: one file per thing, each turning a call into an answer."""
