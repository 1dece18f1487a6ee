import { type JsonObject, type KubeObject, stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import { documentText } from './helm-yaml.ts';
import type { ChartTemplates } from './synthesize.ts';

/** What a chart is made for. */
export interface ChartSubject {
  /** The chart's name. */
  readonly name: string;
  readonly sample: KubeObject;
  /** Of the spec, from the definition. */
  readonly schema?: JsonObject;
}

const HELPERS = `{{/* A value as it stands in a text: numbers without an exponent. */}}
{{- define "text" -}}
{{- if kindIs "string" . }}{{ . }}{{ else if not (kindIs "invalid" .) }}{{ toJson . }}{{ end -}}
{{- end -}}
`;

/** The files of a chart, by their paths in it. Its values are the spec of the custom resource. */
export function chartFiles(templates: ChartTemplates, subject: ChartSubject): ReadonlyMap<string, string> {
  const { name, sample, schema } = subject;
  const chart = {
    apiVersion: 'v2',
    name,
    version: '0.1.0',
    description: `What the operator of ${sample.kind} makes of a ${sample.kind}`,
  };
  const files = new Map([
    ['Chart.yaml', stringifyYaml(chart)],
    ['values.yaml', valuesText(sample)],
    ['templates/_helpers.tpl', HELPERS],
    ['templates/NOTES.txt', notesText(subject)],
  ]);
  if (schema !== undefined)
    files.set(
      'values.schema.json',
      `${stringifyJson({ $schema: 'http://json-schema.org/draft-07/schema#', ...plainSchema(schema) })}\n`,
    );
  for (const [file, template] of templates.files) files.set(`templates/${file}.yaml`, documentText(template));
  return files;
}

/** No value has a default: what is not said is not there, as in a resource. */
function valuesText({ kind, spec = {} }: KubeObject): string {
  const example = stringifyYaml(spec as JsonObject)
    .trimEnd()
    .split('\n')
    .map((line) => `# ${line}`);
  return [`# The values are the spec of a ${kind}; for instance:`, ...example, ''].join('\n');
}

function notesText({ sample: { kind = '', apiVersion = '' } }: ChartSubject): string {
  const group = apiVersion.split('/')[0];
  return `{{ .Release.Name }} has what the operator of ${kind} made of a ${kind}.

To come from a ${kind} of the same name and namespace:
  1. stop the operator
  2. kubectl get ${kind.toLowerCase()}.${group} {{ .Release.Name }} -n {{ .Release.Namespace }} -o jsonpath='{.spec}' > values.json
  3. helm template {{ .Release.Name }} CHART -n {{ .Release.Namespace }} -f values.json | kubectl diff -f -
  4. take the owner references off what it made, so that it does not go with the ${kind}
  5. helm upgrade --install {{ .Release.Name }} CHART -n {{ .Release.Namespace }} -f values.json --take-ownership
  6. delete the ${kind}
`;
}

/** Without what a JSON schema does not know of Kubernetes. */
function plainSchema(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema)
    .filter(([name]) => !name.startsWith('x-kubernetes-') && name !== 'nullable')
    .map(([name, value]) => [name, plain(value)]);
  return Object.fromEntries(entries) as JsonObject;
}

function plain(value: JsonObject[string]): JsonObject[string] {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  return value !== null && typeof value === 'object' ? plainSchema(value as JsonObject) : value;
}
