# The image of aido. See docs/deploy.md, "Containers".
# It needs glibc: the packages below have wheels, and no compiler is installed.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV DEBUG=off PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements-serve.txt ./
RUN python -m venv --without-pip .venv \
    && python -m pip --python .venv/bin/python install --no-cache-dir --no-compile -r requirements-serve.txt
COPY manage.py LICENSE ./
COPY aido aido
COPY todo todo
# Bytecode that is never compared with its source, so that a start reads fewer files.
RUN .venv/bin/python manage.py collectstatic --no-input --verbosity 0 --ignore redoc \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash .venv/lib aido todo \
    && ln -s /config/.env .env \
    && mkdir /config

FROM ${BASE}
ENV API_HOST=0.0.0.0 PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build --chown=10001:10001 /config /config
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; port = os.getenv('API_PORT') or os.getenv('PORT') or '8000'; r.urlopen(f'http://127.0.0.1:{port}/livez')"]
CMD ["python", "-m", "aido"]
