"""The pages for people: made on the server, in English and Bulgarian. Nothing is loaded from elsewhere."""
