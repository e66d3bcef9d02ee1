"""The Deployer interface and its two implementations."""
