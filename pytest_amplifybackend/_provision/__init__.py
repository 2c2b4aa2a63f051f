"""Provisioning in sibling services: one file for each, the table of members, and the way there.

It knows the service's seam and botocore. It knows no transport, and moto only where it is asked.
"""
