{{- define "labels" -}}
app.kubernetes.io/name: shop
app.kubernetes.io/instance: {{ .Release.Name }}
{{- range $key, $value := .Values.labels }}
{{ printf "shop.example/%s" $key | quote }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- define "image" -}}
{{- if .Values.colour -}}registry.example/{{ .Values.colour }}/shop{{- else -}}shop{{- end -}}:{{ .Values.version | default "latest" }}
{{- end }}
