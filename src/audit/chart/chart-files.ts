import { type JsonObject, type KubeObject, stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import { definitionsText, documentText } from './helm-yaml.ts';
import type { FoundChart } from './find-chart.ts';
import { type MadeOnce, NAME, VALUE } from './made-once.ts';

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
export function chartFiles(
  { templates, madeOnce }: Pick<FoundChart, 'templates' | 'madeOnce'>,
  subject: ChartSubject,
): ReadonlyMap<string, string> {
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
    ['templates/_helpers.tpl', `${HELPERS}${definitionsText([...templates.files.values()])}`],
    ['templates/NOTES.txt', notesText(subject, madeOnce)],
    ['MIGRATION.md', migrationText(subject, madeOnce)],
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

function notesText({ sample: { kind = '' } }: ChartSubject, madeOnce: readonly MadeOnce[]): string {
  const kept = madeOnce.map(
    ({ secret, key }) =>
      `${key} of the Secret ${shownName(secret, '{{ .Release.Name }}')} is made once, and kept by every upgrade.`,
  );
  return [
    `{{ .Release.Name }} has what the operator of ${kind} made of a ${kind}.`,
    ...kept,
    `MIGRATION.md, in the chart, says how to come here from a ${kind}.`,
    '',
  ].join('\n');
}

function migrationText(
  { name, sample: { kind = '', apiVersion = '' } }: ChartSubject,
  madeOnce: readonly MadeOnce[],
): string {
  const resource = `${kind.toLowerCase()}.${apiVersion.split('/')[0]}`;
  const secrets = madeOnce.map(({ secret, key }) => `- \`${key}\` of the Secret \`${shownName(secret, 'NAME')}\``);
  const kept = `
What is made once stays as it is when the Secret is there (the chart looks it up, which \`helm template\` cannot):

${secrets.join('\n')}
`;
  return `# From a ${kind} to this chart

For a ${kind} \`NAME\` in the namespace \`NAMESPACE\`; the release has the same name, and is in the same namespace.

1. Stop the operator, so that nobody writes these objects but Helm.
2. Take the values of the resource:

       kubectl get ${resource} NAME -n NAMESPACE -o jsonpath='{.spec}' > values.json

3. See that the chart changes nothing:

       helm template NAME ./${name} -n NAMESPACE -f values.json | kubectl diff -n NAMESPACE -f -

4. Take the owner references off the objects, or they go with the ${kind}:

       kubectl patch KIND OBJECT -n NAMESPACE --type=json -p '[{"op":"remove","path":"/metadata/ownerReferences"}]'

5. Give the objects to the release (Helm 3.17 and newer):

       helm upgrade --install NAME ./${name} -n NAMESPACE -f values.json --take-ownership

6. Take the finalizers off the ${kind} if it has any, since nobody does so any more, and delete it.
${madeOnce.length === 0 ? '' : kept}`;
}

function shownName(secret: string, name: string): string {
  return secret.replaceAll(NAME, name).replaceAll(VALUE, '…');
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
