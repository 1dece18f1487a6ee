import { Argument, Command } from 'commander';
import type { Io } from './io.ts';

const SETUP = `
To have completion in every new shell:
  bash   echo 'source <(nekube completion bash)' >> ~/.bashrc
  zsh    nekube completion zsh > "\${fpath[1]}/_nekube"
  fish   nekube completion fish > ~/.config/fish/completions/nekube.fish`;

/** `nekube completion SHELL`: its help. The scripts call `nekube __complete`, which program.ts answers. */
export function completionCommand(io: Io): Command {
  return new Command('completion')
    .summary('Print the script that completes nekube in a shell')
    .description('Print the script that completes the commands and flags of nekube in a shell.')
    .addArgument(new Argument('<shell>', 'the shell to print it for').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', SETUP)
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('./completion-scripts.ts');
      io.stdout(completionScript(shell));
    });
}
