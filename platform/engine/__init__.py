"""The embedded Pulumi engine: knows Pulumi's protocol, no AWS."""
