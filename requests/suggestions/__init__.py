"""Category, urgency and danger suggested from free French text, by a model that learns here.

``phrases.csv`` and the catalogue are the cold start; ``classifier.py`` learns; ``danger.py`` looks
for words that may mean that somebody is about to be hurt. A person decides on what is suggested.
"""
