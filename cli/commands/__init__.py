"""The commands: each file is one, each reads its flags, asks the platform, shows a view."""
