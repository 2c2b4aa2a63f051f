"""What the strategies are made of; the public names are in ``pytest_amplifybackend.strategies``."""
