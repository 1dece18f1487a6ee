{{- define "batch.account" -}}
{{- if (.Values.serviceAccount).create -}}
{{ .Values.serviceAccount.name | default .Release.Name }}
{{- else -}}
{{ (.Values.serviceAccount).name | default "default" }}
{{- end -}}
{{- end }}
{{- define "batch.image" -}}
{{ (.Values.image).repository | default "busybox" }}{{ with (.Values.image).tag }}:{{ . }}{{ end }}
{{- end }}
