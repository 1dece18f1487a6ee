import { kubeApiserver } from './kube-apiserver-command.ts';
import { runProgram } from './program-io.ts';

// not awaited: a script has no await outside of functions
void runProgram(kubeApiserver);
