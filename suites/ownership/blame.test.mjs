// Who owns which line of objects that several managers wrote, their matrix and what is to be taken over: the same of this
// project's server and of the real kube-apiserver.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nekube, servers, startCluster } from './servers.mjs';

const Deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const Widget = { apiVersion: 'own.test/v1', kind: 'Widget' };
const app = { app: 'web' };
const key = { name: 'web', namespace: 'own' };
const web = (spec) => ({ ...Deployment, metadata: key, spec });
const containers = (...list) => ({ template: { spec: { containers: list } } });

/** A kind with a list of each sort. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.own.test' },
  spec: {
    group: 'own.test',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: ['wdg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  args: { type: 'array', items: { type: 'string' } },
                  box: {
                    type: 'object',
                    additionalProperties: { type: 'string' },
                    'x-kubernetes-map-type': 'atomic',
                  },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id', 'side'],
                    items: {
                      type: 'object',
                      required: ['id', 'side'],
                      properties: { id: { type: 'integer' }, side: { type: 'string' }, size: { type: 'integer' } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** All writes, by their managers. */
async function tell(client) {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'own' } });
  await client.create(definition);
  const by = (fieldManager, more = {}) => ({ fieldManager, ...more });
  const template = { metadata: { labels: app }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  await client.apply(web({ replicas: 3, minReadySeconds: 5, selector: { matchLabels: app }, template }), by('ci'));
  await client.apply(web({ minReadySeconds: 5 }), by('ops'));
  await client.patch(Deployment, key, { merge: { spec: { replicas: 10 } } }, by('hpa', { subresource: 'scale' }));
  const hotfix = { strategic: { spec: containers({ name: 'web', image: 'web:1-hotfix' }) } };
  await client.patch(Deployment, key, hotfix, by('edit'));
  await client.apply(web(containers({ name: 'mesh', image: 'mesh:1' })), by('mesh'));
  await client.patch(Deployment, key, { merge: { status: { replicas: 1 } } }, by('kcm', { subresource: 'status' }));

  await until(() =>
    client.apply(widget({ tags: ['a', 'b'], args: ['x'], box: { k: 'v' }, parts: [part(1, 'l', 2)] }), by('one')),
  );
  await client.apply(widget({ tags: ['b', 'c'], parts: [part(2, 'l', 3)], box: { k: 'v' } }), by('two'));
}

const widget = (spec) => ({ ...Widget, metadata: { name: 'w', namespace: 'own' }, spec });
const part = (id, side, size) => ({ id, side, size });

/** A definition is served soon after it has been made. */
async function until(attempt) {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What is typed, and what is printed. */
const CASES = {
  'blame -n own deploy/web -L .spec --time none': `
                    spec:
  ops  Apply          minReadySeconds: 5
+ ci   Apply
                      progressDeadlineSeconds: 600
  hpa  Update scale   replicas: 10
                      revisionHistoryLimit: 10
  ci   Apply          selector:
  ci   Apply            matchLabels:
  ci   Apply              app: web
                      strategy:
                        rollingUpdate:
                          maxSurge: 25%
                          maxUnavailable: 25%
                        type: RollingUpdate
                      template:
                        metadata:
                          labels:
  ci   Apply                app: web
                        spec:
                          containers:
  edit Update             - image: web:1-hotfix
~ ci   Apply                imagePullPolicy: IfNotPresent
  ci   Apply                name: web
~ ci   Apply                resources: {}
~ ci   Apply                terminationMessagePath: /dev/termination-log
~ ci   Apply                terminationMessagePolicy: File
  mesh Apply              - image: mesh:1
~ mesh Apply                imagePullPolicy: IfNotPresent
  mesh Apply                name: mesh
~ mesh Apply                resources: {}
~ mesh Apply                terminationMessagePath: /dev/termination-log
~ mesh Apply                terminationMessagePolicy: File
                          dnsPolicy: ClusterFirst
                          restartPolicy: Always
                          schedulerName: default-scheduler
                          securityContext: {}
                          terminationGracePeriodSeconds: 30
`,
  'blame -n own wdg/w -L spec --time none': `
            spec:
  one Apply   args:
  one Apply   - x
  one Apply   box:
+ two Apply
  one Apply     k: v
+ two Apply
              parts:
  one Apply   - id: 1
  one Apply     side: l
  one Apply     size: 2
  two Apply   - id: 2
  two Apply     side: l
  two Apply     size: 3
              tags:
  one Apply   - a
  one Apply   - b
+ two Apply
  two Apply   - c
`,
  'matrix -n own deploy,wdg -o wide': `
    MANAGER   OPERATION       OBJECTS   FIELDS   ALONE   1   2   3   4   5   6   7   8
1   one       Apply                 1        5       3   -   0   2   0   0   0   0   0
2   ci        Apply                 1        4       3   0   -   0   0   0   0   0   1
3   two       Apply                 1        4       2   2   0   -   0   0   0   0   0
4   edit      Update                1        1       1   0   0   0   -   0   0   0   0
5   hpa       Update scale          1        1       1   0   0   0   0   -   0   0   0
6   kcm       Update status         1        1       1   0   0   0   0   0   -   0   0
7   mesh      Apply                 1        1       1   0   0   0   0   0   0   -   0
8   ops       Apply                 1        1       0   0   1   0   0   0   0   0   -

FIELD                   OBJECTS   MANAGER       AND
.spec.box                     1   one (Apply)   two (Apply)
.spec.tags[="b"]              1   one (Apply)   two (Apply)
.spec.minReadySeconds         1   ci (Apply)    ops (Apply)
`,
  'takeover -n own deploy,wdg': `
When they were last heard of is not known: hpa (Update scale), ops (Apply)

Fields that no applied configuration mentions
KIND         FIELD                                              OBJECTS   IN        OWNED BY
Deployment   .spec.replicas                                           1   own/web   hpa (Update scale)
Deployment   .spec.template.spec.containers[name="web"].image         1   own/web   edit (Update)

Fields of nobody, mostly defaults of the server: 18 (-o wide names them)
`,
};

for (const server of servers)
  describe(`nekube own on ${server.name}`, { skip: server.skip }, () => {
    let cluster;

    before(async () => {
      cluster = await startCluster(server);
      await tell(cluster.client);
    });
    after(async () => await cluster?.stop());

    for (const [words, expected] of Object.entries(CASES))
      test(words, async () => {
        const { stdout, stderr } = await nekube(['own', ...words.split(' ')], cluster);
        assert.equal(stderr, '');
        assert.equal(`\n${stdout}`, expected);
      });

    test('a summary tells when entries changed, and that an apply which changes nothing has no time', async () => {
      const { stdout } = await nekube(['own', 'blame', '-n', 'own', 'deploy/web', '--summary', '-o', 'json'], cluster);
      const { objects, managers } = JSON.parse(stdout);
      assert.equal(objects, 1);
      const timed = managers.filter(({ newest }) => newest !== undefined).map(({ manager }) => manager);
      assert.deepEqual(timed, ['ci', 'edit', 'kcm', 'mesh']);
    });

    test('whoever asks it to end is told nothing', async () => {
      const options = { signal: AbortSignal.abort() };
      const { code, stdout, stderr } = await nekube(['own', 'blame', '-n', 'own', 'deploy'], cluster, options);
      assert.deepEqual({ code, stdout, stderr }, { code: 130, stdout: '', stderr: '' });
    });

    test('a list is blamed an object at a time, each with its name', async () => {
      const { stdout } = await nekube(['own', 'blame', '-n', 'own', 'deploy,wdg', '-o', 'yaml'], cluster);
      assert.deepEqual(stdout.match(/^ {2}kind: .*$/gm), ['  kind: Deployment', '  kind: Widget']);
    });
  });
