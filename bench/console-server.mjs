import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server in memory with its console, and its kubeconfig in a folder; gives `{process, link, origin}`, where the link signs in once. */
export async function startConsoleServer(folder) {
  const program = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));
  const flags = ['--listen', '127.0.0.1:0', '--storage', 'memory', '--kubeconfig', join(folder, 'kubeconfig')];
  const child = spawn(process.execPath, [program, 'up', ...flags, '--console', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    const [, link] = /console (http\S+)/.exec(said) ?? [];
    if (link === undefined) continue;
    child.stderr.resume();
    return { process: child, link, origin: new URL(link).origin };
  }
  throw new Error(`the server ended: ${said}`);
}
