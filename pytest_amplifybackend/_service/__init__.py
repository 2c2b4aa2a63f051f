"""What the backend does: state, declared operations and their handlers, jobs, provisioning.

Nothing here knows pytest, botocore clients or HTTP: a call is an operation, its params and a
region; an answer is a dict or a service error.
"""
