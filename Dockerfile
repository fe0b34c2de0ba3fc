# syntax=docker/dockerfile:1
# The service, with the Pulumi CLI and the AWS provider baked in: nothing is fetched while it runs. Versions of both come
# from package.json. Runs as an unprivileged user on a read-only root file system with /tmp to write to.

# The version that package.json pins as `node`; a test holds them together.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# Lambda handlers and the process of a stack operation are bundled here, not in every deployment: the image's file system is
# read-only. What `npm run bundles` does.
FROM dependencies AS bundles
COPY automation automation
COPY blueprints blueprints
RUN node automation/stacks/bundle/main.ts && node blueprints/bundles.ts

# The web console: Vite and what the pages import are development dependencies, of which only the built files are kept.
FROM dependencies AS console
RUN npm ci
COPY api api
COPY client client
COPY console console
RUN node console/build/main.ts

FROM dependencies AS pulumi
ENV PULUMI_HOME=/opt/pulumi PULUMI_SKIP_UPDATE_CHECK=true
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The install script of the CLI, which its npm package calls, needs these two.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates curl \
  && rm -rf /var/lib/apt/lists/*
# Of the language hosts only that of Node: the service runs nothing else.
RUN npx --no-install pulumi version \
  && mv /opt/pulumi/versions/*/bin /opt/pulumi/bin \
  && rm -rf /opt/pulumi/versions \
  && find /opt/pulumi/bin -type f ! -name pulumi ! -name 'pulumi-language-nodejs' -delete \
  && /opt/pulumi/bin/pulumi plugin install resource aws \
    "v$(node --print 'require("@pulumi/aws/package.json").version')"
# The certificate authorities of RDS, in all regions.
ADD https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /opt/rds/global-bundle.pem
RUN chmod 0644 /opt/rds/global-bundle.pem

FROM node:${NODE_VERSION}-bookworm-slim
# git reads configuration files from remotes that have no webhooks.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx
WORKDIR /app
COPY --from=pulumi /opt/pulumi /opt/pulumi
COPY --from=pulumi /opt/rds /opt/rds
COPY --from=dependencies /app/node_modules node_modules
COPY --from=bundles /app/node_modules/.cache node_modules/.cache
COPY --from=console /app/node_modules/.cache/console node_modules/.cache/console
COPY package.json ./
COPY api api
COPY automation automation
COPY blueprints blueprints
COPY docker/entrypoint.sh /usr/local/bin/entrypoint
ENV NODE_ENV=production \
  NODE_EXTRA_CA_CERTS=/opt/rds/global-bundle.pem \
  HOME=/tmp \
  PATH=/opt/pulumi/bin:$PATH \
  PULUMI_HOME=/tmp/pulumi \
  PULUMI_SKIP_UPDATE_CHECK=true \
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
# A volume that is mounted here takes over the rights of this folder: everybody may write.
VOLUME ["/tmp"]
# The account `node` of the base image.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer)=>process.exit(answer.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/entrypoint"]
CMD ["node", "api/main.ts"]
