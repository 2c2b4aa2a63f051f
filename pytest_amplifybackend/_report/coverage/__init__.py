"""Coverage of the API: which parts of it the programs under test have used.

A part is an operation, a kind and a name, such as ``("CreateBackendAPI", "members",
"ResourceConfig.ApiName absent")``. ``parts`` knows all that there are, from the model, the rules
and the declarations; ``facts`` tells which ones a call has met; ``recording`` collects them while
tests run; ``data`` keeps them in files, one a process; the others show them.
"""
