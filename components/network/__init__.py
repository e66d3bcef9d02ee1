"""The private network: subnets by tier and zone, ways out, flow logs."""
