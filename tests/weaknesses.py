"""What was once possible, in plain words. Each is repeated by a test that wants it refused.

A test says so by ``@pytest.mark.weakness("name")``; ``tests/test_weaknesses.py`` fails for a name
without a test. Whoever mends a weakness that could come back adds a line here and the test that
takes the steps of whoever found it.
"""

WEAKNESSES = {
    # Who reads whose words.
    "confidence at home": "What one person asks or texts in confidence is read by the others of"
    " the home, who can also withdraw it.",
    "former occupant": "Somebody who left the home reads and writes on what is new there.",
    "earlier lease": "A tenant whose lease ended, or vanished from the rent system, reads the"
    " requests of the next household.",
    "endless link": "The private link of a request never ends, is shown to the whole home, and"
    " reopens a request that ended years ago.",
    "bill alone": "A code and a name, both printed on the bill, link an account and open what was"
    " told in confidence.",
    "confidential order": "The contractor's page, mail, calendar or paper says the category or the"
    " words of a confidential request.",
    "former agency": "An agency reads where somebody lives who left its stock, and acts for them.",
    "caretaker of others": "A caretaker reads the orders of buildings that are not theirs.",
    "common tray": "An agency opens and discards mails and letters that came to another one.",
    "door code early": "A contractor reads the door code and the phone weeks before the visit.",
    # Accounts and secrets.
    "secret by name": "An administrator names a variable of the server as the password of a"
    " mailbox, and reads its value on a server of their own.",
    "role by one person": "One administrator gives an account a role that opens requests.",
    "address changed": "Whoever finds an open session changes the account's address for good.",
    "sender pretended": "A display name passes for the verified address of a tenant.",
    # Files, forms and doors.
    "forms without limit": "Anybody files requests, asks for calls and sends text messages abroad"
    " without end.",
    "memory of pictures": "A small picture takes more than 300 MB to decode, many at once.",
    "files as sent": "A file goes out as it came in: acting PDF, ending of a program, place where"
    " a photo was taken.",
    "import that unfolds": "A small workbook or archive takes gigabytes once it is read.",
    # The database.
    "one role": "The application owns the tables and rules the database.",
    "trail rewritten": "Events and views are changed and deleted, and nothing tells.",
    # What is lost or doubled.
    "mail set aside": "A mark of a mailing list hides a tenant's mail, even one about gas.",
    "mails folded": "Two different mails are taken for copies, and one is not kept.",
    "cut mail stored": "A mail whose connection broke within it is stored as if it were whole.",
    "workers held": "One mail with many large pictures holds both workers for minutes.",
    "address given up": "A refusal that is not the address's fault silences it for good.",
    "hiccup": "A moment without database costs a job two minutes, and eight of them its life.",
    "reply doubled": "The same answer sent twice is two messages.",
    "bare error": "A session that cannot be saved is told as a bad request, without a page.",
    "answer lost": "Sending again after a lost answer files a second request.",
    "parallel plan": "A query that PostgreSQL runs in parallel fails in the embedded cluster.",
    "backlog": "A backlog of jobs keeps sweeps, escalations and mails from their turn.",
    "mail server hangs": "A mail server that hangs stops the sorting of requests.",
    "slow restart": "A web worker that dies is half a minute away; two portals of one user share a"
    " control socket.",
    "number hidden": "A message whose sender hides the number from the provider is dropped.",
    "decoded in a transaction": "A form holds its transaction open while its photos are decoded.",
    "disk full": "A photo that finds no room on the disk takes the words of the request along.",
}
