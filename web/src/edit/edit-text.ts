import { type JsonObject, type KubeObject, stringifyYaml } from 'nekube/apimachinery';

/** What only the server sets, and nobody edits. */
const SERVERS = [
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** An object as it is edited: without what only the server sets, and without its status. */
export function editableText(object: KubeObject): string {
  return stringifyYaml(editable(object) as unknown as JsonObject);
}

function editable(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { readonly status?: unknown };
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !SERVERS.includes(name)));
  return { ...rest, metadata } as KubeObject;
}

/** What was edited, with what was not shown as it was read: so that leaving it out is no edit. */
export function restored<T extends KubeObject>(edited: T, base: KubeObject): T {
  const hidden = Object.fromEntries(Object.entries(base.metadata).filter(([name]) => SERVERS.includes(name)));
  const { status } = base as KubeObject & { readonly status?: unknown };
  return { ...edited, ...(status !== undefined && { status }), metadata: { ...hidden, ...edited.metadata } };
}

/** What a new object of a kind begins as. */
export function newText(apiVersion: string, kind: string, namespace: string | undefined): string {
  const template = TEMPLATES[`${apiVersion} ${kind}`] ?? '';
  const within = namespace === undefined ? '' : `  namespace: ${namespace}\n`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ''\n${within}${template}`;
}

const TEMPLATES: Readonly<Record<string, string>> = {
  'v1 ConfigMap': 'data:\n  key: value\n',
  'v1 Secret': 'type: Opaque\nstringData:\n  key: value\n',
  'v1 Service': 'spec:\n  selector:\n    app: web\n  ports:\n  - port: 80\n    targetPort: 8080\n',
  'apps/v1 Deployment':
    'spec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n' +
    '    spec:\n      containers:\n      - name: web\n        image: nginx\n',
};
