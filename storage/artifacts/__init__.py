"""The registry's nouns and rules: artifacts, references, names, ratings, inputs."""
