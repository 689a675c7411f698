"""Pages behind links in messages: for residents, without signing in."""
