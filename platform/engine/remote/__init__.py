"""Remote components: packages written in Python whose providers construct them (`Construct`)."""
