"""Where the internet comes in: certificates, load balancers, static sites."""
