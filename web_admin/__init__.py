"""The syndic's office in the browser (`web_admin/pages.py` says how a page is added), the page that says what runs, and `/health`."""
