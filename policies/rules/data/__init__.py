"""Rules about data stores."""
