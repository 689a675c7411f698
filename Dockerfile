# KoproGo as a container. Checked by tests/ground/test_containers.py; see docs/hosting.rst for what was run and what was not.

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/koprogo
# The locked dependencies come first, so that a change of our own code does not install them again.
COPY requirements.lock ./
RUN /opt/koprogo/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# The build tool stands in the lock as well: nothing is fetched here that has no hash.
RUN /opt/koprogo/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="KoproGo" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
RUN groupadd --gid 10001 koprogo \
 && useradd --uid 10001 --gid koprogo --no-create-home --home-dir /data --shell /usr/sbin/nologin koprogo \
 && install --directory --owner koprogo --group koprogo --mode 0700 /data
COPY --from=build /opt/koprogo /opt/koprogo
ENV PATH="/opt/koprogo/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KOPROGO_DATA=/data \
    KOPROGO_HTTP_HOST=0.0.0.0 \
    KOPROGO_HTTP_PORT=8080
USER koprogo
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['KOPROGO_HTTP_PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["koprogo"]
CMD ["serve"]
