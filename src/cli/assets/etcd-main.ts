import { etcd } from './etcd-command.ts';
import { runProgram } from './program-io.ts';

await runProgram(etcd);
