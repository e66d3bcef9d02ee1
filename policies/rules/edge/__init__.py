"""Rules about load balancers, CloudFront, Route 53 and certificates."""
