"""Life among neighbours, as the office sees it: watched, and moderated where somebody asks for it; nothing is put up here."""
