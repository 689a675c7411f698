"""Money: expenses, calls for funds, payments, settlements, the ledger, and what a person owes."""
