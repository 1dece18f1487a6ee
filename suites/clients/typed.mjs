// client-go's typed clients in protobuf, one for every built-in resource, in a Go program.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fill } from '../golden/template.mjs';
import { hasProgram, installed } from './tools.mjs';

const VERSION = 'v0.36.3';
const MODULES = ['client-go', 'apiextensions-apiserver', 'kube-aggregator'].map((name) => `k8s.io/${name}@${VERSION}`);
const SOURCES = fileURLToPath(new URL('typed/', import.meta.url));
const KINDS = fileURLToPath(new URL('../golden/scenarios/kinds.json', import.meta.url));

/** What no recorded scenario of a kind creates. */
const FURTHER = [
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'odds.typed.example.com' },
    spec: {
      group: 'typed.example.com',
      scope: 'Namespaced',
      names: { plural: 'odds', kind: 'Odd' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        },
      ],
    },
  },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'nobody has this one' } },
  ...['SubjectAccessReview', 'LocalSubjectAccessReview', 'SelfSubjectAccessReview'].map((kind) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind,
    ...(kind.startsWith('Local') && { metadata: { namespace: 'typed' } }),
    spec: {
      resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'typed' },
      ...(!kind.startsWith('Self') && { user: 'somebody', extra: { scopes: ['one'] } }),
    },
  })),
  { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'typed' } },
];

/** The object that the recorded scenarios create of each kind, and the further ones. */
function objects() {
  const scenarios = JSON.parse(readFileSync(KINDS, 'utf8'));
  const created = scenarios.map(
    ({ steps }) => steps.find(({ method, query, body }) => method === 'POST' && !query?.dryRun && body?.kind)?.body,
  );
  return fill([...created.filter(Boolean), ...FURTHER], { ns: 'typed', id: 'typed-one' });
}

function install() {
  if (!hasProgram('go', 'version')) return { skip: 'go is not installed' };
  const tidy = `cp '${join(SOURCES, 'main.go')}' . && go get ${MODULES.join(' ')} && go mod tidy`;
  return installed(`client-go-typed-${VERSION}`, [['sh', '-c', `go mod init nekube.dev/typed && ${tidy}`]]);
}

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return install().skip;
}

export async function run(story, { dir }) {
  const project = install().dir;
  cpSync(SOURCES, project, { recursive: true });
  const program = join(dir, 'typed');
  const { HOME, GOFLAGS, GOPROXY } = process.env;
  const env = { HOME, ...(GOFLAGS && { GOFLAGS }), ...(GOPROXY && { GOPROXY }) };
  await story.run(['go', 'build', '-C', project, '-o', program, '.'], { env, label: 'go build -o typed .' });
  writeFileSync(join(dir, 'objects.json'), JSON.stringify(objects()));
  await story.run([program, 'objects.json'], { label: 'typed objects.json', stdout: /all is well\n$/ });
}
