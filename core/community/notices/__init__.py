"""The notice board of a building: announcements, events, lost and found, carpools, child care."""
