# The registry in a small image: built in one stage, run as nobody in another.
FROM python:3.13-slim AS build
WORKDIR /app
COPY .ci/constraints.txt pyproject.toml README.md ./
COPY graph graph
COPY storage storage
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
COPY --from=build /venv /venv
# Everybody who reaches it may read; who may do more is for whoever runs it to say.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 SQLITE_PATH=/data/artifacts.db AUTH_ANONYMOUS=read
RUN mkdir /data && chown 65534:65534 /data
USER 65534:65534
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["python", "-m", "graph", "--host", "0.0.0.0", "--port", "8000"]
