"""Rules about a stack as a whole: what no look at a single resource can tell."""
