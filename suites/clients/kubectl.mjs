// kubectl, as people use it by hand: apply, conflicts, diff, edit, explain, wait, watch.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { kubernetesClients } from '../../tools/kubectl.mjs';

const example = (name) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return kubernetesClients().skip;
}

export async function run(story, { dir }) {
  const { kubectl } = kubernetesClients();
  for (const name of ['web.yaml', 'web-replicas.yaml']) cpSync(example(name), join(dir, name));
  const k = (line, expect) => story.run([kubectl, ...line.split(' ')], expect);

  story.note('server-side apply, and the conflict of a second manager');
  await k('apply --server-side -f web.yaml', { stdout: /deployment.apps\/web serverside-applied/ });
  await k('apply --server-side --field-manager=autoscaler -f web-replicas.yaml', {
    exit: 1,
    stderr: /conflict with "kubectl": \.spec\.replicas/,
  });
  await k('diff --server-side --field-manager=autoscaler --force-conflicts -f web-replicas.yaml', {
    exit: 1,
    stdout: /\+ {2}replicas: 5/,
  });
  await k('apply --server-side --field-manager=autoscaler --force-conflicts -f web-replicas.yaml', {
    stdout: /serverside-applied/,
  });

  story.note('reading');
  await k('get deployments,services,configmaps --field-selector metadata.name=web', {
    stdout: /deployment.apps\/web +0\/5/,
  });
  await k('explain deployment.spec.replicas', { stdout: /FIELD: replicas <integer>/ });
  await k('describe service web', { stdout: /Selector: +app=web/ });

  story.note('editing with a program for an editor');
  const editor = join(dir, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i \'s/greeting: hello/greeting: moin/\' "$1"\n');
  chmodSync(editor, 0o755);
  await k('edit configmap web', { env: { KUBE_EDITOR: editor }, stdout: /configmap\/web edited/ });
  await k('get configmap web -o jsonpath={.data.greeting}', { stdout: /^moin$/ });

  story.note('waiting and watching');
  const waiting = story.start([kubectl, 'wait', '--for=condition=Available', 'deployment/web', '--timeout=60s']);
  const watching = story.start([
    kubectl,
    'get',
    'configmaps',
    '-w',
    '-o',
    'name',
    '--field-selector',
    'metadata.name!=kube-root-ca.crt',
  ]);
  await until(() => watching.printed.stdout.includes('configmap/web'));
  await k('create configmap other --from-literal=a=1');
  await k('delete configmap other');
  await until(() => watching.printed.stdout.split('configmap/other').length === 3);
  watching.kill('SIGINT');
  story.note(`kubectl get configmaps -w -o name, meanwhile:\n${watching.printed.stdout.trimEnd()}`);
  const condition = { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' };
  const status = JSON.stringify({ status: { conditions: [condition] } });
  await story.run([kubectl, 'patch', 'deployment', 'web', '--subresource=status', '--type=merge', '-p', status]);
  const waited = await waiting.ended;
  assert.match(waited.stdout, /deployment.apps\/web condition met/);
  story.note(`kubectl wait --for=condition=Available deployment/web, meanwhile:\n${waited.stdout.trimEnd()}`);
  await k('wait --for=jsonpath={.spec.replicas}=5 deployment/web --timeout=60s', { stdout: /condition met/ });

  story.note('the rest of a day');
  await k('scale deployment web --replicas=3', { stdout: /scaled/ });
  await k('rollout history deployment web', { stdout: /deployment.apps\/web/ });
  await k('label deployment web tier=front', { stdout: /labeled/ });
  await k('auth can-i delete deployments', { stdout: /yes/ });
  await k('api-resources --api-group=apps -o name', { stdout: /deployments.apps/ });
  await k('delete -f web.yaml', { stdout: /service "web" deleted/ });
}

async function until(condition) {
  for (const end = Date.now() + 60_000; !condition(); await sleep(50)) assert.ok(Date.now() < end, 'waited too long');
}
