"""What people fill in: filters of lists, and one form for each step of each flow."""
