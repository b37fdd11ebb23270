"""One file for each reference page, named by what it reads; `markdown` and `source` serve them all."""
