"""The GraphQL schema of an API: Amplify's directives, checks, and the models made from it."""
