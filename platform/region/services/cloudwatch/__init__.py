"""CloudWatch: time series, metric math, alarms that come back to OK, dashboards."""
