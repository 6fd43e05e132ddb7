"""Category, urgency and danger suggested from free French text. Pure: no ORM, no clock.

``phrases.csv`` and the catalogue are the cold start; ``model.py`` learns, ``danger.py`` listens
for the words nobody may overhear. What is suggested is shown to a person, who decides.
"""
