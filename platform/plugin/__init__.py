"""What the engine and a resource provider say to each other.

`values` holds the property values that travel between them; `provider` the interface itself.
Neither side imports the other: the engine knows no AWS, the provider no Pulumi program.
"""
