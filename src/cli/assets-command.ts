import { Command, Option } from 'commander';
import type { Io } from './io.ts';

/** The flags of `nekube assets` and of its subcommands. */
export interface AssetsFlags {
  readonly dir?: string;
  readonly version?: string;
  readonly as?: string;
  readonly output: 'path' | 'env' | 'json';
}

const EXAMPLES = `
Examples:
  KUBEBUILDER_ASSETS=$(nekube assets) go test ./...
  eval "$(nekube assets -o env)"
  nekube assets install
  tar czf assets.tgz -C "$(nekube assets)" . && setup-envtest sideload 1.36.3 < assets.tgz`;

/** `nekube assets`: its flags and help. What it does stands in assets.ts, which is loaded when it runs. */
export function assetsCommand(io: Io): Command {
  const command = new Command('assets')
    .summary("Print a folder with kube-apiserver, etcd and kubectl for other languages' envtest")
    .description(
      'Print a folder with the programs kube-apiserver, etcd and kubectl for KUBEBUILDER_ASSETS, which is made when it is ' +
        'not there. They are this API server and its storage behind the flags of the real ones; kubectl is the one on ' +
        'PATH. They need Node.js and nothing else: not this package, and no npm.',
    )
    .option('--dir <dir>', "where to make it, as DIR/k8s/VERSION-OS-ARCH; default: the user's cache")
    .option('--version <version>', 'the version of Kubernetes, as setup-envtest takes it; there is one')
    .addOption(
      new Option('-o, --output <format>', 'the folder, exports for a shell, or data')
        .choices(['path', 'env', 'json'])
        .default('path'),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: AssetsFlags) =>
      running(
        () => import('./assets.ts'),
        (all) => all.printAssets(flags, io),
      ),
    );
  command.addCommand(installCommand(io)).addCommand(removeCommand(io));
  return command;
}

function installCommand(io: Io): Command {
  const command = new Command('install')
    .summary("Put the programs into setup-envtest's store")
    .description(
      "Put the programs into setup-envtest's store, where `setup-envtest use -i` finds them, and controller-runtime " +
        'when it would download them. Real programs that are there are not replaced.',
    )
    .option('--as <version>', 'the version to name the folder by, where tests ask for another one')
    .action(() =>
      running(
        () => import('./assets.ts'),
        (all) => all.installAssets(command.optsWithGlobals(), io),
      ),
    );
  return command;
}

function removeCommand(io: Io): Command {
  const command = new Command('remove')
    .summary('Remove what was installed, and what is in the cache')
    .description(
      "Remove the programs from setup-envtest's store, or from the folder of --dir, and the whole cache: no test should be running on them.",
    )
    .option('--as <version>', 'the version that the folder is named by')
    .action(() =>
      running(
        () => import('./assets.ts'),
        (all) => all.removeAssets(command.optsWithGlobals(), io),
      ),
    );
  return command;
}

async function running<T>(load: () => Promise<T>, run: (loaded: T) => void): Promise<void> {
  run(await load());
}
