"""The inner loop of forwarding in C, compiled by `scripts/setup` or when a wheel is built, where there is a
C compiler. Without it everything works the same, in Python, for more processor time."""
