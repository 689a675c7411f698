"""The clock: gives the ticks. What falls due is a query of a core folder's service, listed in `ticks`."""
