"""Application Auto Scaling that acts: policies make alarms, alarms change desired counts."""
