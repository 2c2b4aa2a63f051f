"""The neighbor: the few operations of ``amplify`` that callers of Amplify Backend need first.

It works on the state of the fake: an app that CreateApp makes is one that CreateBackend finds. Its
shapes are the installed botocore's. It knows no transport, and no room below knows it.
"""
