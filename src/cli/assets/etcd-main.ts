import { etcd } from './etcd-command.ts';
import { runProgram } from './program-io.ts';

// not awaited: a script has no await outside of functions
void runProgram(etcd);
