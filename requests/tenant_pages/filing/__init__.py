"""Filing in five plain pages, without account or JavaScript.

One module for each step, in this order: ``what``, ``where``, ``words``, ``reach``, ``check``. Each
step is a POST with its own URL. The answers wait in the draft; what is missing decides which page
comes next (``steps``), so that "Change" on the last page leads straight back to it.
"""
