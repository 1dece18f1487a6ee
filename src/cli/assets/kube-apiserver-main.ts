import module from 'node:module';
import { kubeApiserver } from './kube-apiserver-command.ts';
import { runProgram } from './program-io.ts';

// where Node has it, compiled code is kept between starts, unless its folder cannot be written
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
await runProgram(kubeApiserver);
