{{- define "parley.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for "-redis" and for the revision that Kubernetes appends to a StatefulSet's name in a label. */}}
{{- define "parley.fullname" -}}
{{- $name := include "parley.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 46 | trimSuffix "-" -}}
{{- end -}}

{{- define "parley.redisName" -}}
{{- include "parley.fullname" . -}}-redis
{{- end -}}

{{/* The labels of one component. Argument: (list <root> <component>). */}}
{{- define "parley.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "parley.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- end -}}

{{/* Maps with strings in one map, where a later one wins. Argument: the list of them. */}}
{{- define "parley.merged" -}}
{{- $all := dict -}}
{{- range . }}{{ range $key, $value := . }}{{ $_ := set $all $key $value }}{{ end }}{{ end -}}
{{- toYaml $all -}}
{{- end -}}

{{/*
Name, labels and annotations of an object. The labels of the chart win, since objects are found by them.
Argument: (list <root> <name> <component> <own labels> <own annotations>).
*/}}
{{- define "parley.metadata" -}}
{{- $values := (index . 0).Values -}}
{{- $chart := include "parley.labels" (list (index . 0) (index . 2)) | fromYaml -}}
name: {{ index . 1 }}
labels:
  {{- include "parley.merged" (list $values.commonLabels (index . 3) $chart) | nindent 2 }}
{{- with include "parley.merged" (list $values.commonAnnotations (index . 4)) | fromYaml }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The labels of the pods of one component. Argument: (list <root> <component> <own labels>). */}}
{{- define "parley.podLabels" -}}
{{- $selector := include "parley.selector" (list (index . 0) (index . 1)) | fromYaml -}}
{{- include "parley.merged" (list (index . 0).Values.commonLabels (index . 2) $selector) -}}
{{- end -}}

{{/* What selects the pods of one component, for ever: a Deployment's selector cannot be changed. */}}
{{- define "parley.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "parley.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "parley.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "parley.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "parley.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "parley.onRedis" -}}
{{- if eq .Values.parley.broker "redis" }}true{{ end -}}
{{- end -}}

{{- define "parley.redisHost" -}}
{{- if .Values.redis.bundled.enabled }}{{ include "parley.redisName" . }}{{ else }}{{ .Values.redis.host }}{{ end -}}
{{- end -}}

{{/* The bundled Redis listens on its usual port, whatever redis.port says of another. */}}
{{- define "parley.redisPort" -}}
{{- if .Values.redis.bundled.enabled }}6379{{ else }}{{ int .Values.redis.port }}{{ end -}}
{{- end -}}

{{/* Whether this chart keeps a Secret of its own, and what is in it. */}}
{{- define "parley.ownJwtSecret" -}}
{{- if .Values.tokens.jwtSecret }}true{{ end -}}
{{- end -}}
{{- define "parley.ownRedisPassword" -}}
{{- if and (include "parley.onRedis" .) .Values.redis.password }}true{{ end -}}
{{- end -}}

{{/*
Changes with this chart's secrets, so that pods do, and tells nothing of them to those who may read pods and not Secrets: a plain hash
would let them try out passwords. The key of tokens, 32 bytes or more, is the key of this hash as it is of every token's. Where there is
only a password it is stretched (scrypt, salted by the release), and so little of the result is shown that 1 of 65,536 passwords fits.
*/}}
{{- define "parley.secretMark" -}}
{{- $key := .Values.tokens.jwtSecret -}}
{{- $password := .Values.redis.password -}}
{{- if $key -}}
{{- printf "%s%s" $key (printf "%s%s" $key $password | sha256sum) | sha256sum | trunc 12 -}}
{{- else -}}
{{- include "parley.redisMark" . -}}
{{- end -}}
{{- end -}}

{{/* The same of what the bundled Redis knows: a new key of tokens is no reason to restart it. */}}
{{- define "parley.redisMark" -}}
{{- $password := .Values.redis.password -}}
{{- if $password -}}
{{- derivePassword 1 "maximum" $password (printf "%s/%s" .Release.Namespace .Release.Name) "redis" | sha256sum | trunc 4 -}}
{{- else -}}
none
{{- end -}}
{{- end -}}

{{/* An environment variable's source in a Secret, ours or an existing one. Argument: (list <root> <existingSecret> <our key>). */}}
{{- define "parley.secretKey" -}}
{{- $existing := index . 1 -}}
valueFrom:
  secretKeyRef:
    name: {{ default (include "parley.fullname" (index . 0)) $existing.name }}
    key: {{ ternary $existing.key (index . 2) (ne $existing.name "") }}
{{- end -}}

{{/* Seconds, rounded up, of a duration such as 500ms, 20s, 2m, 1h, 1d. */}}
{{- define "parley.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" -}}{{ div (add $number 999) 1000 }}
{{- else if eq $unit "m" -}}{{ mul $number 60 }}
{{- else if eq $unit "h" -}}{{ mul $number 3600 }}
{{- else if eq $unit "d" -}}{{ mul $number 86400 }}
{{- else -}}{{ $number }}
{{- end -}}
{{- end -}}

{{/* Where nothing but a proxy in front may reach the users' port, its word on who the client is counts. */}}
{{- define "parley.forwardedHeaders" -}}
{{- if eq .Values.forwardedHeaders "auto" -}}
{{- ternary "native" "none" .Values.ingress.enabled -}}
{{- else -}}
{{- .Values.forwardedHeaders -}}
{{- end -}}
{{- end -}}

{{/* config/application.yml: what the chart's values mean, then .config, then .parley. No secret is in it. */}}
{{- define "parley.application" -}}
{{- $jwt := dict -}}
{{- with .Values.tokens.issuerUri }}{{ $_ := set $jwt "issuer-uri" . }}{{ end -}}
{{- with .Values.tokens.jwkSetUri }}{{ $_ := set $jwt "jwk-set-uri" . }}{{ end -}}
{{- with .Values.tokens.publicKey }}{{ $_ := set $jwt "public-key-location" "file:/etc/parley/public-key.pem" }}{{ end -}}
{{- $spring := dict -}}
{{- if $jwt -}}
{{- $_ := set $spring "security" (dict "oauth2" (dict "resourceserver" (dict "jwt" $jwt))) -}}
{{- end -}}
{{- if include "parley.onRedis" . -}}
{{- $redis := dict "host" (include "parley.redisHost" .) "port" (include "parley.redisPort" . | int) "database" (int .Values.redis.database) -}}
{{- with .Values.redis.username }}{{ $_ := set $redis "username" . }}{{ end -}}
{{- if .Values.redis.tls.enabled -}}
{{- $ssl := dict "enabled" true -}}
{{- if .Values.redis.tls.caSecret.name -}}
{{- $_ := set $ssl "bundle" "redis" -}}
{{- $_ := set $spring "ssl" (dict "bundle" (dict "pem" (dict "redis" (dict "truststore" (dict "certificate" "file:/etc/parley-redis/ca.crt"))))) -}}
{{- end -}}
{{- $_ := set $redis "ssl" $ssl -}}
{{- end -}}
{{- $_ := set $spring "data" (dict "redis" $redis) -}}
{{- end -}}
{{- $ours := dict "server" (dict "forward-headers-strategy" (include "parley.forwardedHeaders" .)) -}}
{{- if $spring }}{{ $_ := set $ours "spring" $spring }}{{ end -}}
{{- toYaml (mergeOverwrite $ours (deepCopy .Values.config) (dict "parley" (deepCopy .Values.parley))) -}}
{{- end -}}

{{/* host:port's port of a URI, or that of its scheme. */}}
{{- define "parley.uriPort" -}}
{{- $uri := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $uri.host | trimPrefix ":" -}}
{{- default (ternary "80" "443" (eq $uri.scheme "http")) $port -}}
{{- end -}}
