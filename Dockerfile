# The registry with GraphiQL in a small image that runs as an unprivileged user:
#   docker build -t registry .
#   docker run --read-only -v registry:/data -p 8000:8000 registry
FROM node:22-slim AS explorer
WORKDIR /explorer
COPY graph/graphiql/package.json graph/graphiql/.npmrc ./
RUN npm install --omit=dev --ignore-scripts

FROM python:3.13-slim AS build
WORKDIR /app
COPY .ci/constraints.txt pyproject.toml README.md ./
COPY graph graph
COPY storage storage
COPY docs docs
COPY --from=explorer /explorer/node_modules graph/graphiql/node_modules
RUN python -m venv --without-pip /venv \
    && pip --python /venv install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
COPY --from=build /venv /venv
# By default callers without a token may only read; configure tokens or an issuer for other roles.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 AUTH_ANONYMOUS=read \
    SQLITE_PATH=/data/artifacts.db SEARCH_INDEX_PATH=/data/search
RUN mkdir /data && chown 65534:65534 /data
USER 65534:65534
WORKDIR /data
# Only here is anything written: the SQLite file, or the search index of a DynamoDB table.
VOLUME /data
EXPOSE 8000
# Exec form, so that python receives SIGTERM and finishes running requests before it exits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "graph.healthcheck"]
CMD ["python", "-m", "graph", "--host", "0.0.0.0"]
