import { Command } from 'commander';
import type { Io } from './io.ts';

/** The flags of `nekube codegen crd`. */
export interface CodegenFlags {
  readonly output: string;
  readonly check?: boolean;
}

const EXAMPLES = `
Examples:
  nekube codegen crd config/crd/*.yaml -o src/api
  nekube codegen crd config/crd/*.yaml -o src/api --check
  kubectl get crd certificates.cert-manager.io -o yaml | nekube codegen crd -`;

/** `nekube codegen crd`: its flags and help. */
export function codegenCommand(io: Io): Command {
  const codegen = new Command('codegen')
    .summary('Generate TypeScript types of custom resources')
    .helpCommand('help [command]', 'Print the help of a command')
    .description('Generate TypeScript from definitions of the API.');
  codegen
    .command('crd')
    .summary('Generate types from CustomResourceDefinitions')
    .description(
      'Generate TypeScript types, and kinds for the client, from the CustomResourceDefinitions in files. Each group and ' +
        'version has a module, GROUP/VERSION.ts, which imports types from nekube/client and nothing else. Objects of ' +
        'other kinds in the files are left out. If anything is wrong, nothing is written.',
    )
    .argument('<file...>', 'YAML or JSON, also several documents and Lists; - for stdin')
    .option('-o, --output <dir>', 'the folder to write to, or - for stdout, where there is one module only', '-')
    .option('--check', 'write nothing; end with exit code 1 if a file would change')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: CodegenFlags) => {
      const { generateFromDefinitions } = await import('./codegen.ts');
      await generateFromDefinitions(files, flags, io);
    });
  return codegen;
}
