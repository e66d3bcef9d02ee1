"""ECR of the local region: images by digest; the emulator keeps the repositories."""
