"""What happens to one series on the bad days of another: "when tech falls, bitcoin falls more"."""
