# The image of rollcall: the bundle, and the packages it was made of, PGlite with its WebAssembly and the licences among them.
# Node.js is the version that package.json pins for development.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY bin ./bin
COPY bundle ./bundle
COPY jobs ./jobs
COPY src ./src
RUN node bundle/build.ts \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    ROLLCALL_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY bin ./bin
RUN ln -s /app/bin/rollcall.js /usr/local/bin/rollcall \
    && install --directory --owner=node --group=node /data
VOLUME /data
# The user `node`, by number: Kubernetes' runAsNonRoot does not know names.
USER 1000:1000
# Node.js is process 1 and hears signals itself; `docker run --init` (compose: `init: true`) adds one that buries
# orphans too.
STOPSIGNAL SIGTERM
# Whether the worker lives: what its database does is no reason to start it anew.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/bin/healthcheck.js"]
ENTRYPOINT ["rollcall"]
CMD ["worker"]
