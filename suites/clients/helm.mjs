// helm: a chart with hooks that need no pods, from install to uninstall.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesClients } from '../../tools/kubectl.mjs';

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return kubernetesClients().skip;
}

export async function run(story, { dir }) {
  const { helm, kubectl } = kubernetesClients();
  cpSync(fileURLToPath(new URL('helm/web', import.meta.url)), join(dir, 'web'), { recursive: true });
  const h = (line, expect) => story.run([helm, ...line.split(' ')], expect);
  const k = (line, expect) => story.run([kubectl, ...line.split(' ')], expect);

  await h('install site ./web', { stdout: /STATUS: deployed\nREVISION: 1/ });
  await k('get configmaps -l !none -o name', { stdout: /site-post-install\n(.*\n)*configmap\/site-pre-install/ });
  await h('upgrade site ./web --set replicas=3,greeting=moin', { stdout: /STATUS: deployed\nREVISION: 2/ });
  await k('get deployment site -o jsonpath={.spec.replicas}', { stdout: /^3$/ });
  await h('history site', { stdout: /1 .*superseded.*\n2 .*deployed/ });
  await h('rollback site 1', { stdout: /Rollback was a success/ });
  await k('get configmap site -o jsonpath={.data.greeting}', { stdout: /^hello$/ });
  await h('status site', { stdout: /STATUS: deployed\nREVISION: 3/ });
  await h('list', { stdout: /site\s+default\s+3/ });
  await h('upgrade site ./web --set replicas=many', {
    exit: 1,
    stderr: /cannot unmarshal string into Go|Invalid value|UPGRADE FAILED/,
  });
  await h('rollback site', { stdout: /Rollback was a success/ });
  await h('uninstall site', { stdout: /release "site" uninstalled/ });
  await k('get deployment,service -l !none -o name --ignore-not-found', { stdout: /^service\/kubernetes\n$|^$/ });
}
