// A whole cluster in a process of its own, as `nekube up` runs it, and the programs that people use with it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { Story } from '../clients/story.mjs';
import { startNekube } from '../servers.mjs';

const { kubectl, helm, skip } = kubernetesClients();

/** Why kubectl and helm cannot be run here; undefined when they can. */
export { skip };
/** A folder or file beside this one. */
export const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts it: two nodes, all controllers, the scheduler, and the images of this folder.
 *
 * @returns `{dir, kubectl(line or words, expect?), helm(…), start(…), shell(script), stop()}`; a command must end well, or as `expect` says
 */
export async function startCluster(args = []) {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-cluster-'));
  const flags = ['--controllers', 'all', '--nodes', '2', '--images', beside('images.yaml')];
  const server = await startNekube({ dir, args: [...flags, '--local-path', join(dir, 'volumes'), ...args] });
  const story = new Story({ cwd: dir, env: { KUBECONFIG: server.kubeconfig } });
  const words = (line) => (typeof line === 'string' ? line.split(' ') : line);
  return {
    dir,
    kubectl: async (line, expect) => (await story.run([kubectl, ...words(line)], expect)).stdout,
    helm: async (line, expect) => (await story.run([helm, ...words(line)], expect)).stdout,
    start: (line) => story.start([kubectl, ...words(line)]),
    shell: (script) => story.start(['sh', '-c', script], { KUBECTL: kubectl }),
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Resolves when a program that was started has said what is wanted; gives all that it said on stdout. */
export function said(child, wanted) {
  return new Promise((resolve, reject) => {
    const look = () => wanted.test(child.printed.stdout) && resolve(child.printed.stdout);
    child.stdout.on('data', look);
    child.ended.then(
      () => look() || reject(new Error(`It ended without saying ${wanted}: ${JSON.stringify(child.printed)}`)),
      reject,
    );
    look();
  });
}
