"""Secrets Manager of the local region, as far as rotation goes; the emulator keeps the secrets."""
