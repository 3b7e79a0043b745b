"""The programme on paper: what stands in it (`document`), its typesetting (`programme.typ`, run by
`__main__` in a process of its own) and the way there (`typesetting`)."""
