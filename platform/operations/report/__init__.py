"""What an operation came to: measured, told and drawn, as JSON and as one page of HTML."""
