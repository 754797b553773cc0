{{/* What a schema cannot say: values that contradict each other. One sentence each, with the way out. */}}
{{- define "parley.validate" -}}
{{- include "parley.validateTokens" . -}}
{{- include "parley.validateBroker" . -}}
{{- include "parley.validateDrain" . -}}
{{- include "parley.validateEntry" . -}}
{{- include "parley.validateService" . -}}
{{- include "parley.validateScaling" . -}}
{{- include "parley.validateConfig" . -}}
{{- end -}}

{{- define "parley.validateTokens" -}}
{{- $given := list -}}
{{- with .Values.tokens -}}
{{- if .jwtSecret }}{{ $given = append $given "tokens.jwtSecret" }}{{ end -}}
{{- if .existingSecret.name }}{{ $given = append $given "tokens.existingSecret" }}{{ end -}}
{{- if .issuerUri }}{{ $given = append $given "tokens.issuerUri" }}{{ end -}}
{{- if .jwkSetUri }}{{ $given = append $given "tokens.jwkSetUri" }}{{ end -}}
{{- if .publicKey }}{{ $given = append $given "tokens.publicKey" }}{{ end -}}
{{- end -}}
{{- if not $given -}}
{{- fail "Parley does not know which tokens to trust: set one of tokens.jwtSecret (at least 32 bytes), tokens.existingSecret.name, tokens.issuerUri, tokens.jwkSetUri and tokens.publicKey." -}}
{{- end -}}
{{- if gt (len $given) 1 -}}
{{- fail (printf "Parley is told more than once which tokens to trust: set only one of %s." (join ", " $given)) -}}
{{- end -}}
{{- if and .Values.tokens.jwtSecret (lt (len .Values.tokens.jwtSecret) 32) -}}
{{- fail "tokens.jwtSecret must have at least 32 bytes." -}}
{{- end -}}
{{- end -}}

{{- define "parley.validateBroker" -}}
{{- $redis := .Values.redis -}}
{{- if include "parley.onRedis" . -}}
{{- if and (not $redis.bundled.enabled) (not $redis.host) -}}
{{- fail "parley.broker is redis, but no Redis is configured: set redis.host, or redis.bundled.enabled=true for the small one of this chart." -}}
{{- end -}}
{{- if and $redis.bundled.enabled (or $redis.host $redis.username $redis.tls.enabled (gt (int $redis.database) 0)) -}}
{{- fail "redis.bundled.enabled=true uses the Redis of this chart: leave redis.host, redis.username, redis.database and redis.tls as they are, or switch the bundled one off." -}}
{{- end -}}
{{- if and $redis.bundled.enabled (not $redis.password) (not $redis.existingSecret.name) -}}
{{- fail "The bundled Redis must not be open to everybody in the cluster: set redis.password or redis.existingSecret.name." -}}
{{- end -}}
{{- if and $redis.password $redis.existingSecret.name -}}
{{- fail "Redis has one password: set redis.password or redis.existingSecret.name, not both." -}}
{{- end -}}
{{- else -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}
{{- fail "parley.broker=embedded keeps the rooms in the memory of one instance: set replicas=1 and autoscaling.enabled=false, or parley.broker=redis." -}}
{{- end -}}
{{- if and .Values.updateStrategy (ne (dig "type" "" .Values.updateStrategy) "Recreate") -}}
{{- fail "parley.broker=embedded keeps the rooms in the memory of one instance, and a rolling update would start a second one beside it: leave updateStrategy empty, or set updateStrategy.type=Recreate." -}}
{{- end -}}
{{- if $redis.bundled.enabled -}}
{{- fail "redis.bundled.enabled=true, but parley.broker=embedded uses no Redis: set parley.broker=redis, or switch the bundled one off." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "parley.validateDrain" -}}
{{- $window := include "parley.seconds" .Values.parley.drain.window | int -}}
{{- $preStop := int .Values.preStopSeconds -}}
{{- $grace := int .Values.terminationGracePeriodSeconds -}}
{{- $presence := include "parley.seconds" (dig "presence" "grace" "5s" .Values.parley) | int -}}
{{- if gt $window 600 -}}
{{- fail (printf "parley.drain.window is %s, and must be from 0s to 10m." .Values.parley.drain.window) -}}
{{- end -}}
{{- $needed := add $window $presence $preStop 20 -}}
{{- if lt $grace ($needed | int) -}}
{{- fail (printf "terminationGracePeriodSeconds is %d, and Kubernetes would kill instances before they have drained: it must be at least %d, which is preStopSeconds (%d) + parley.drain.window (%d s) + parley.presence.grace (%d s) + 20 to stop." $grace $needed $preStop $window $presence) -}}
{{- end -}}
{{- end -}}

{{- define "parley.validateEntry" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.enabled=true needs at least one name in ingress.hosts." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled=true needs the Gateway it belongs to in httpRoute.parentRefs." -}}
{{- end -}}
{{- end -}}

{{/* Of a type that does not have them these would be dropped without a word, or refused by the cluster. */}}
{{- define "parley.validateService" -}}
{{- $service := .Values.service -}}
{{- if and (eq $service.type "ClusterIP") (or $service.nodePort $service.externalTrafficPolicy) -}}
{{- fail "service.nodePort and service.externalTrafficPolicy need service.type NodePort or LoadBalancer." -}}
{{- end -}}
{{- if and (ne $service.type "LoadBalancer") (or $service.loadBalancerClass $service.loadBalancerIP $service.loadBalancerSourceRanges) -}}
{{- fail "service.loadBalancerClass, loadBalancerIP and loadBalancerSourceRanges need service.type LoadBalancer." -}}
{{- end -}}
{{- end -}}

{{- define "parley.validateScaling" -}}
{{- $scaling := .Values.autoscaling -}}
{{- if $scaling.enabled -}}
{{- if not (or $scaling.cpu.enabled $scaling.connections.enabled $scaling.extraMetrics) -}}
{{- fail "autoscaling.enabled=true needs something to scale on: autoscaling.cpu.enabled, autoscaling.connections.enabled or autoscaling.extraMetrics." -}}
{{- end -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas must not be greater than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and $scaling.cpu.enabled (not (dig "requests" "cpu" "" .Values.resources)) -}}
{{- fail "autoscaling.cpu is a share of what is requested: set resources.requests.cpu, or autoscaling.cpu.enabled=false." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* config becomes a ConfigMap, which many may read. */}}
{{- define "parley.validateConfig" -}}
{{- $text := toYaml .Values.config -}}
{{- if regexMatch "(?im)^\\s*(- )?[\"']?[\\w.-]*(password|secret|private-key)[\"']?:" $text -}}
{{- fail "config becomes a ConfigMap, which is no place for passwords, secrets and keys: use tokens.*, redis.*, or extraEnv with a secretKeyRef." -}}
{{- end -}}
{{- if regexMatch "://[^/\\s]*@" $text -}}
{{- fail "config becomes a ConfigMap, which is no place for a URL with a password: use redis.*, or extraEnv with a secretKeyRef." -}}
{{- end -}}
{{- end -}}
