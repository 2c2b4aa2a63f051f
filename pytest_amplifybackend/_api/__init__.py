"""What the API says: operations, shapes, wire names, documented limits and parameter rules.

Data only, read from the installed botocore or tabulated with its source. No behaviour lives
here: ``service`` interprets the rules, ``strategies`` break them on purpose.
"""
