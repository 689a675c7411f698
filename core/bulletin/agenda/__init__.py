"""What waits for somebody, across money, loans, exchanges, gifts and repairs: one list."""
