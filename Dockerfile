# The image of rollcall: Node.js runs the TypeScript sources directly, so there is nothing to build.
# Node.js is the version that package.json pins for development.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    ROLLCALL_DATA_DIR=/data
# Not below a node_modules: Node.js does not strip types there.
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY jobs ./jobs
COPY src ./src
RUN ln -s /app/src/cli.ts /usr/local/bin/rollcall \
    && install --directory --owner=node --group=node /data
VOLUME /data
# The user `node`, by number: Kubernetes' runAsNonRoot does not know names.
USER 1000:1000
# Node.js is process 1 and hears signals itself; `docker run --init` (compose: `init: true`) adds one that buries
# orphans too.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rollcall"]
CMD ["worker"]
