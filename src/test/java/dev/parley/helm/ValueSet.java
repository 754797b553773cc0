package dev.parley.helm;

/** What a chart is used for. */
enum ValueSet {
  MINIMAL(""),
  EMBEDDED(
      """
      replicas: 1
      parley: {broker: embedded, drain: {window: 0s}}
      redis: {host: ""}
      """),
  BUNDLED_REDIS(
      """
      redis:
        host: ""
        password: not for everybody
        bundled: {enabled: true, persistence: {size: 10Gi, storageClassName: fast}}
      """),
  BUNDLED_REDIS_WITHOUT_A_VOLUME(
      """
      redis:
        host: ""
        existingSecret: {name: redis-auth, key: password}
        bundled: {enabled: true, appendfsync: always, persistence: {enabled: false}}
      networkPolicy: {enabled: false}
      """),
  EXTERNAL_REDIS_WITH_TLS(
      """
      redis:
        port: 6380
        database: 2
        username: parley
        existingSecret: {name: redis-auth}
        tls: {enabled: true, caSecret: {name: redis-ca, key: root.pem}}
      """),
  ISSUER(
      """
      tokens: {jwtSecret: "", issuerUri: "https://login.example:8443/realms/main"}
      networkPolicy: {issuerTo: [{ipBlock: {cidr: 192.0.2.0/24}}]}
      """),
  KEY_SET(
      """
      tokens: {jwtSecret: "", jwkSetUri: "https://login.example/keys"}
      """),
  PUBLIC_KEY(
      """
      tokens:
        jwtSecret: ""
        publicKey: |
          -----BEGIN PUBLIC KEY-----
          MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
          -----END PUBLIC KEY-----
      """),
  EXISTING_SECRET(
      """
      tokens: {jwtSecret: "", existingSecret: {name: parley-jwt, key: hmac}}
      """),
  INGRESS_WITH_COOKIE(
      """
      ingress: {enabled: true, hosts: [chat.example.org], tls: {secretName: chat-tls}}
      """),
  INGRESS_WITH_HASH(
      """
      ingress:
        enabled: true
        hosts: [chat.example.org, "*.chat.example.org"]
        paths: [/ws, /raw, /api/v1]
        tls: {enabled: false}
        stickiness: hash
        hashBy: $arg_user
        timeoutSeconds: 120
        annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 1m}
      """),
  INGRESS_OF_ANOTHER_KIND(
      """
      ingress:
        enabled: true
        className: traefik
        hosts: [chat.example.org]
        pathType: ImplementationSpecific
        nginxAnnotations: false
        stickiness: none
      """),
  GATEWAY(
      """
      httpRoute:
        enabled: true
        parentRefs: [{name: public, namespace: gateways, sectionName: https}]
        hostnames: [chat.example.org]
        paths: [/ws, /api/v1]
        sessionPersistence: {enabled: true}
      service: {appProtocol: kubernetes.io/ws}
      """),
  AUTOSCALING(
      """
      autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 30, connections: {enabled: true}}
      """),
  AUTOSCALING_BY_CONNECTIONS(
      """
      autoscaling:
        enabled: true
        cpu: {enabled: false}
        connections: {enabled: true, perPod: 5000}
        extraMetrics:
          - type: Resource
            resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}
      resources: {requests: {cpu: null}}
      """),
  MONITORING(
      """
      monitoring:
        serviceMonitor:
          enabled: true
          namespace: monitoring
          labels: {release: prometheus}
          interval: 30s
          relabelings: [{targetLabel: cluster, replacement: eu-1}]
          metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: jvm_.*}]
        prometheusRule: {enabled: true, labels: {release: prometheus}}
        dashboard: {enabled: true, annotations: {folder: Messaging}}
      """),
  NETWORK_POLICY(
      """
      networkPolicy:
        usersFrom: [{namespaceSelector: {matchLabels: {team: edge}}}]
        managementFrom:
          - namespaceSelector: {}
            podSelector: {matchLabels: {app: prometheus}}
        dnsTo: [{ipBlock: {cidr: 192.0.2.53/32}}]
        redisTo: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}]
        extraEgress: [{ports: [{port: 4318, protocol: TCP}], to: [{podSelector: {}}]}]
      """),
  NOTHING_OPTIONAL(
      """
      serviceAccount: {create: false}
      podDisruptionBudget: {enabled: false}
      networkPolicy: {enabled: false}
      topologySpread: []
      preStopSeconds: 0
      """),
  LOAD_BALANCER(
      """
      service:
        type: LoadBalancer
        port: 8443
        annotations: {example.org/pool: public}
        sessionAffinity: ClientIP
        sessionAffinitySeconds: 600
        nodePort: 30443
        clusterIP: 10.0.0.7
        ipFamilyPolicy: PreferDualStack
        ipFamilies: [IPv4, IPv6]
        externalIPs: [192.0.2.7]
        externalTrafficPolicy: Local
        internalTrafficPolicy: Cluster
        loadBalancerClass: example.org/edge
        loadBalancerIP: 192.0.2.8
        loadBalancerSourceRanges: [192.0.2.0/24, "2001:db8::/32"]
        allocateLoadBalancerNodePorts: false
      """),
  SCHEDULING(
      """
      image: {repository: registry.example/parley, digest: "sha256:%s"}
      imagePullSecrets: [{name: registry}]
      podAnnotations: {example.org/owner: talk}
      podLabels: {team: talk}
      nodeSelector: {disk: fast}
      tolerations: [{key: dedicated, operator: Equal, value: talk, effect: NoSchedule}]
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 1
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app.kubernetes.io/name: parley}}
      priorityClassName: high
      topologySpread:
        - {topologyKey: kubernetes.io/hostname, maxSkew: 2, whenUnsatisfiable: DoNotSchedule}
      runtimeClassName: gvisor
      schedulerName: packing
      hostAliases: [{ip: 192.0.2.1, hostnames: [login.example]}]
      dnsPolicy: None
      dnsConfig: {nameservers: [192.0.2.53], options: [{name: ndots, value: "1"}]}
      updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1, maxSurge: 25%%}}
      revisionHistoryLimit: 3
      redis:
        host: ""
        password: not for everybody
        bundled:
          enabled: true
          nodeSelector: {disk: faster}
          affinity: {nodeAffinity: {}}
          priorityClassName: highest
          terminationGracePeriodSeconds: 120
          persistence:
            accessModes: [ReadWriteOncePod]
            annotations: {example.org/backup: daily}
      """
          .formatted("0123456789abcdef".repeat(4))),
  EXTRAS(
      """
      config:
        logging: {level: {dev.parley: debug}}
        spring: {lifecycle: {timeout-per-shutdown-phase: 90s}}
      javaOptions: -Xmx512m
      extraEnv:
        - name: SPRING_DATA_REDIS_CLIENT_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
      extraVolumes: [{name: more, emptyDir: {}}]
      extraVolumeMounts: [{name: more, mountPath: /more}]
      fullnameOverride: %s
      extraArgs: [--debug]
      extraEnvFrom: [{secretRef: {name: more}}]
      extraInitContainers:
        - &sidecar
          name: tunnel
          image: registry.example/tunnel:1
          restartPolicy: Always
          ports: [{name: tunnel, containerPort: 9000}]
          volumeMounts: [{name: more, mountPath: /more}]
          resources: {limits: {memory: 64Mi}}
          securityContext: &nothing
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
      extraContainers:
        - &shipper
          name: shipper
          image: registry.example/shipper:1
          volumeMounts: [{name: more, mountPath: /more}]
          resources: {limits: {memory: 64Mi}}
          securityContext: *nothing
      extraObjects:
        - |
          apiVersion: v1
          kind: ConfigMap
          metadata:
            name: {{ .Release.Name }}-notes
            labels: {{- include "parley.labels" (list . "notes") | nindent 4 }}
      podSecurityContext: {supplementalGroups: [4711]}
      securityContext: {seLinuxOptions: {level: "s0:c123"}}
      networkPolicy:
        extraIngress: &fromPrometheus
          - {ports: [{port: 9000}], from: [{podSelector: {matchLabels: {app: prometheus}}}]}
        redisExtraIngress: *fromPrometheus
        redisExtraEgress: [{ports: [{port: 443}], to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]
      redis:
        host: ""
        password: not for everybody
        bundled:
          enabled: true
          extraInitContainers: [*sidecar]
          extraContainers: [*shipper]
          extraVolumes: [{name: more, emptyDir: {}}]
          extraVolumeMounts: [{name: more, mountPath: /more}]
          persistence: {existingClaim: restored}
      """
          .formatted("a".repeat(60))),
  EVERYTHING(
      """
      parley: {history: {size: 1000000}, drain: {window: 1m}}
      terminationGracePeriodSeconds: 90
      redis: {host: "", password: not for everybody, bundled: {enabled: true}}
      ingress: {enabled: true, hosts: [chat.example.org]}
      httpRoute: {enabled: true, parentRefs: [{name: public}]}
      autoscaling: {enabled: true, connections: {enabled: true}}
      monitoring:
        serviceMonitor: {enabled: true}
        prometheusRule: {enabled: true}
        dashboard: {enabled: true}
      """);

  private final String yaml;

  ValueSet(String yaml) {
    this.yaml = yaml;
  }

  /** Over the least that it takes. */
  String[] yaml() {
    return new String[] {Chart.MINIMAL, yaml};
  }
}
