"""What the API says: operations, shapes and wire names, from the model that the package ships.

Data, and walks over it: no behavior. What else a request must satisfy is in ``_rules``.
"""
