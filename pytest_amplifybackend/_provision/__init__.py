"""Provisioning in sibling services: a file for each of them, and the table of members.

It knows the Provisioner protocol of the service and botocore. It knows no transport, and imports
moto only when a fake provisions there.
"""
