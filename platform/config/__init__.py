"""What a stack file may say: models, loader, reference page."""
