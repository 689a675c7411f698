"""Time credits among neighbours: help is offered, asked for and given, and counted in minutes (a local exchange system, SEL)."""
