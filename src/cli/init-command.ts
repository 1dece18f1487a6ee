import { Command } from 'commander';
import type { Io } from './io.ts';

/** The flags of `nekube init controller`. */
export interface InitFlags {
  readonly dir?: string;
  readonly group: string;
  readonly kind?: string;
  readonly version: string;
  readonly nekube?: string;
}

const EXAMPLES = `
Examples:
  nekube init controller website-operator
  nekube init controller website-operator --group web.example.org --kind Website --version v1
  cd website-operator && npm install && npm test && npm start`;

/** `nekube init`: its flags and help. */
export function initCommand(io: Io): Command {
  const init = new Command('init')
    .summary('Begin a new project')
    .helpCommand('help [command]', 'Print the help of a command')
    .description('Write the files of a new project.');
  init
    .command('controller')
    .summary('Begin a controller for a kind of your own')
    .description(
      'Write a new project with a controller: TypeScript, the definition of its kind, tests for three levels (in process, ' +
        'envtest, a cluster), and what a cluster needs to run it. Files that are there are never overwritten: if there is ' +
        'one of them, nothing is written.',
    )
    .argument('<name>', 'the name of the project, and of what runs in the cluster')
    .option('--dir <dir>', 'the folder to write to (default: the name)')
    .option('--group <group>', 'the API group of the kind: a domain of yours', 'example.com')
    .option('--kind <kind>', 'the kind, in upper camel case (default: from the name)')
    .option('--version <version>', 'the version of the kind', 'v1alpha1')
    .option(
      '--nekube <spec>',
      'nekube as npm is to install it: a version, or file:PATH, from the current folder (default: this version)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: InitFlags) => {
      const { initController } = await import('./init/init-controller.ts');
      initController(name, flags, io);
    });
  return init;
}
