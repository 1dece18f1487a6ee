// node main.mjs NAME: one of the operators as a program, on the cluster of KUBECONFIG, until it is told to end.
import { createManager, signalHandler } from 'nekube/controller';
import { BROKEN, DECOYS, OPERATORS } from './operators.mjs';

if (process.argv[2] === 'idler') await new Promise((resolve) => setTimeout(resolve, 600_000));
const manager = await createManager({});
const ask = async () => (await fetch(process.env.QUOTES)).text();
({ ...OPERATORS, ...DECOYS, ...BROKEN })[process.argv[2]](manager, { ask });
await manager.start(signalHandler());
