// node suites/aggregation/record.mjs: records what the real kube-apiserver answers where APIs of other servers are aggregated.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreatePki } from 'nekube/pki';
import { startOracle } from '../../tools/oracle.mjs';
import { play } from './story.mjs';

const dir = mkdtempSync(join(tmpdir(), 'nekube-aggregation-'));
const proxy = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() }).frontProxy();
const file = (name, text) => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
};
const ca = file('ca.crt', proxy.caCert);
const oracle = await startOracle({
  flags: [
    `--requestheader-client-ca-file=${ca}`,
    `--requestheader-allowed-names=${proxy.name}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-uid-headers=X-Remote-Uid',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${file('proxy.crt', proxy.client.cert)}`,
    `--proxy-client-key-file=${file('proxy.key', proxy.client.key)}`,
  ],
});
try {
  const { url, token } = oracle;
  const answers = await play({ url, token });
  writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(answers, undefined, 2)}\n`);
} finally {
  await oracle.stop();
  rmSync(dir, { recursive: true, force: true });
}
