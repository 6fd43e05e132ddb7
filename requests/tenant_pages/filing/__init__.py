"""Filing in five plain pages, without an account and without JavaScript.

One module for each step, in this order: ``what``, ``where``, ``words``, ``reach``, ``check``. Each
step is a POST with its own URL. The session keeps the answers as a draft; the first missing answer
decides which page comes next (``steps``), so that "Change" on the last page leads straight back to
it.
"""
