"""The tables, one file for each service, as in `provider/services/`."""
