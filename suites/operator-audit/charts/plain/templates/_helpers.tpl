{{- define "settings" -}}
colour: {{ .Values.colour | default "grey" | quote }}
greeting: {{ printf "Welcome to %s, in %s" .Release.Name (.Values.colour | default "grey") | quote }}
name: {{ printf "%s-%s" .Release.Name (.Values.colour | default "grey") | trunc 24 | trimSuffix "-" | quote }}
{{- if hasKey .Values "version" }}
version: {{ .Values.version | trim | lower | quote }}
{{- end }}
size: {{ .Values.replicas | default 1 | quote }}
{{- end }}
