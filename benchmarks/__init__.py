"""What is measured, side by side with what it cannot do without."""
