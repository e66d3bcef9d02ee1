"""The official Pulumi engine, driven through Pulumi's Automation API."""
