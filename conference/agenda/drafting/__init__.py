"""The draft: what organizers edit. Acts on it are data (`acts`), rules (`scheduling`, `dividing`) and one door
(`performing`, `edit_log`); the public sees it only when it is released."""
