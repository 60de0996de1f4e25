"""Papers to be signed and filed, as .docx: the minutes, what was decided, the opinion, the letter that passes on.

In the village's language whoever takes them away: they are one record, by a standard of that language.
"""
