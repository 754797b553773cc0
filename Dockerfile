# syntax=docker/dockerfile:1
# The image of the service: `docker build -t parley .` needs this directory and the network, nothing else.
# The three base images are arguments, for mirrors and for machines with images of their own.
ARG JDK_IMAGE=eclipse-temurin:25-jdk-noble
ARG JRE_IMAGE=eclipse-temurin:25-jre-noble
ARG REDIS_IMAGE=redis:7.2-bookworm

FROM ${REDIS_IMAGE} AS redis

# The jar, taken apart so that a new version of Parley changes only the last, small layer.
FROM ${JDK_IMAGE} AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src/main src/main
COPY clients clients
RUN --mount=type=cache,target=/root/.m2/repository \
    ./mvnw --batch-mode -Dmaven.test.skip -Dspotless.check.skip package \
    && cp target/parley-*.jar parley.jar \
    && java -Djarmode=tools -jar parley.jar extract --layers --destination layers \
    && javac -Xlint:all -Werror -d training src/main/image/Training.java

FROM ${JRE_IMAGE} AS runtime
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/application/ ./
COPY src/main/image/jvm.options ./
COPY --chmod=0755 src/main/image/entrypoint src/main/image/healthcheck ./

# Runs the service under the load of some clients and keeps what the JVM learned: classes loaded and linked,
# and profiles of the methods that were hot. Only the very same JVM and jar can use it, so it is made here.
FROM runtime AS training
COPY --from=redis /usr/local/bin/redis-server /training/
COPY --from=build /build/training/ /training/
RUN java -cp /training Training /training/redis-server /app/parley.aot

FROM runtime
COPY --from=training --chmod=0644 /app/parley.aot ./
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Parley" \
      org.opencontainers.image.description="A real-time messaging server: rooms over WebSocket, broadcast through Redis." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number, so that Kubernetes can tell that it is not root; it needs no name.
USER 10001:10001
# Users' port, operators' port: publish only the first.
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/app/healthcheck", "liveness"]
ENTRYPOINT ["/app/entrypoint"]
