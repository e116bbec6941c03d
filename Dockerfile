# The container worker; docs/deploy.md says how to run it.

FROM python:3.13-slim AS wheel
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The build backend is in this lock too, so that nothing is installed without a hash.
COPY requirements/demo.txt requirements/runtime.txt requirements/
RUN python -m pip install --require-hashes -r requirements/demo.txt
COPY LICENSE pyproject.toml ./
COPY infra/terraform/registry infra/terraform/registry
COPY core core
COPY ports ports
COPY adapters adapters
COPY entrypoints entrypoints
RUN python -m hatchling build -t wheel -d dist
RUN python -m venv /srv/actonce \
 && /srv/actonce/bin/python -m pip install --require-hashes -r requirements/runtime.txt \
 && /srv/actonce/bin/python -m pip install --no-index --no-deps dist/*.whl

FROM python:3.13-slim
COPY --from=wheel /srv/actonce /srv/actonce
# A mounted actonce.toml is found here; nothing is written.
WORKDIR /etc/actonce
ENV PATH=/srv/actonce/bin:$PATH PYTHONDONTWRITEBYTECODE=1 ACTONCE_TARGET=aws
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["actonce"]
CMD ["worker"]
