"""How results look: for people on a terminal, for a log, for a program."""
