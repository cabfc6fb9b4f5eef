"""What other programs would have printed."""
