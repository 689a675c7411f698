"""The syndic's office in the browser. For now the page that says what runs, and `/health`."""
