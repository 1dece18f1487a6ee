// npm run suites -- clients [NAME…] [--storage memory|lmdb] [--oracle] [--record]
//
// Runs stories with real clients, each against a server of its own: kubectl, helm, client-node, python, go, typed, controller-runtime. --oracle runs
// them against the real kube-apiserver instead, --record writes the transcripts to suites/clients/recorded.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startOracle } from '../../tools/oracle.mjs';
import { startNekube } from '../servers.mjs';
import { Story } from './story.mjs';

export const CLIENTS = ['kubectl', 'helm', 'client-node', 'python', 'go', 'typed', 'controller-runtime'];

/**
 * Runs a client's story against a server `{url, token, kubeconfig?}`; `say` gets its transcript. It fails by throwing.
 *
 * @returns why it was not run, or undefined
 */
export async function runClient(name, server, say) {
  const client = await import(`./${name}.mjs`);
  const skip = await client.unavailable();
  if (skip !== undefined) return skip;
  const dir = mkdtempSync(join(tmpdir(), 'nekube-client-'));
  try {
    const kubeconfig = server.kubeconfig ?? join(dir, 'kubeconfig');
    if (server.kubeconfig === undefined) writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(server)));
    const story = new Story({ cwd: dir, say, env: { KUBECONFIG: kubeconfig } });
    await client.run(story, { dir, kubeconfig });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return undefined;
}

function kubeconfigOf({ url, token }) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
}

async function main() {
  const options = { storage: { type: 'string' }, oracle: { type: 'boolean' }, record: { type: 'boolean' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const names = positionals.length > 0 ? positionals : CLIENTS;
  const results = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    console.log(`== ${name}`);
    const server = values.oracle ? await startOracle() : await startNekube({ storage: values.storage });
    let transcript = '';
    const say = (text) => {
      transcript += text;
      process.stdout.write(text);
    };
    try {
      const skip = await runClient(name, server, say);
      results[skip === undefined ? 'passed' : 'skipped']++;
      if (skip !== undefined) console.log(`skipped: ${skip}`);
      else if (values.record) recordTranscript(name, transcript);
    } catch (error) {
      results.failed++;
      console.log(`failed: ${error.stack}`);
    } finally {
      await server.stop();
    }
  }
  console.log(`${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped`);
  process.exitCode = results.failed > 0 ? 1 : 0;
}

function recordTranscript(name, transcript) {
  const dir = fileURLToPath(new URL('recorded/', import.meta.url));
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${name}.txt`), transcript);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
