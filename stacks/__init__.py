"""The Pulumi program: four products composed on one platform."""
