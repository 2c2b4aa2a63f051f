SECRET_KEY = "any"
ROOT_URLCONF = "test_django"
ALLOWED_HOSTS = ["testserver"]
