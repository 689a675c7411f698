"""What is read across all folders: what is to do."""
