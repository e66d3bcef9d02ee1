"""The table: one file for each AWS service, rows first, then their exceptions."""
