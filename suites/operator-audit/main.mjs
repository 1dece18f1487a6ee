// node main.mjs NAME: one of the operators as a program, on the cluster of KUBECONFIG, until it is told to end.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManager, signalHandler } from 'nekube/controller';
import { WITH_KINDS } from './kinds-operators.mjs';
import { BROKEN, DECOYS, OPERATORS } from './operators.mjs';
import { WITH_WEBHOOKS } from './webhook-operators.mjs';

if (process.argv[2] === 'idler') await new Promise((resolve) => setTimeout(resolve, 600_000));
const manager = await createManager({});
const ask = async () => (await fetch(process.env.QUOTES)).text();
const certDir = join(tmpdir(), 'k8s-webhook-server', 'serving-certs');
const all = { ...OPERATORS, ...DECOYS, ...BROKEN, ...WITH_WEBHOOKS, ...WITH_KINDS };
all[process.argv[2]](manager, { ask, certDir, port: 9443 });
await manager.start(signalHandler());
