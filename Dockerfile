# The product with its pages built: `backoffice web`, `worker` and every other command. docs/operating.md says what was
# tried of this file and what was not.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 backoffice

WORKDIR /app
COPY . .
RUN sh scripts/install.sh \
    && BACKOFFICE_DATA_DIR=/tmp/build .venv/bin/backoffice build \
    && rm -rf /tmp/build /root/.cache /root/.npm \
    && install -d -o backoffice -m 700 /data

USER backoffice
ENV PATH=/app/.venv/bin:$PATH \
    BACKOFFICE_DATA_DIR=/data \
    BACKOFFICE_HOST=0.0.0.0
VOLUME /data
ENTRYPOINT ["backoffice"]
CMD ["web"]
