{{- define "web.name" -}}
{{ .Values.nameOverride | default "web" | lower | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "web.fullname" -}}
{{ printf "%s-%s" .Release.Name (include "web.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- define "web.selectorLabels" -}}
app.kubernetes.io/name: {{ include "web.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "web.labels" -}}
{{ include "web.selectorLabels" . }}
app.kubernetes.io/managed-by: web
{{- end }}
