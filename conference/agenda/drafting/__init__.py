"""The draft: what organizers edit, and what the public sees only when it is released.

Acts on it are data (`acts`), rules (`scheduling`, `dividing`) and one door (`performing`, `edit_log`).
"""
