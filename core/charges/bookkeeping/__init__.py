"""From documents to books: what is to be booked, what is to be reversed, and whether the books still say what the documents do."""
