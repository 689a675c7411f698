"""What somebody leaves behind who is no neighbour any more.

His hours go to the pot, the common account of the building: what he had is a gift to those who stay, what he owed is taken over as far as
the pot reaches, and the rest as soon as it reaches further. Nothing is lost or made by it: the building still adds up to zero. He is told
on the first day on which he is no neighbour any more, and it is done thirty days later, so that he can still settle what is open.
"""
