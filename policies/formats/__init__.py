"""Reports for other programs: `sarif`, `junit` and `markdown` (JSON is `Report.document`)."""
