"""The mutations: register, update and delete artifacts."""
