# The service with models, gazetteer and browser files inside: it needs no network to start.

FROM node:22-bookworm-slim AS browser-files
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS python-packages
WORKDIR /app
COPY .ci/locks/uv.txt .ci/locks/production.txt /build/
RUN pip install --no-cache-dir --require-hashes -r /build/uv.txt \
    && uv venv /opt/venv \
    && uv pip sync --no-cache --compile-bytecode --python /opt/venv/bin/python --require-hashes /build/production.txt
COPY LICENSE README.md pyproject.toml ./
COPY nlp nlp
COPY geo geo
COPY web web
COPY service service
RUN uv pip install --no-cache --python /opt/venv/bin/python --no-deps --no-build-isolation -e . \
    && /opt/venv/bin/python -m compileall -q nlp geo web service

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    STATE=/tmp/hansho
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin hansho
WORKDIR /app
COPY --from=python-packages /opt/venv /opt/venv
COPY --from=python-packages /app /app
COPY --from=browser-files /build/node_modules node_modules
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["hansho"]
CMD ["serve"]
