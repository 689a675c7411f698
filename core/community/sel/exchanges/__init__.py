"""Help that was given: reported by one, confirmed by the other, booked; or settled by the council where they disagree."""
