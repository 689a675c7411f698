"""A building changed by hand, by the rules of the files: its tables, a lot that changes hands, tenants in and out."""
