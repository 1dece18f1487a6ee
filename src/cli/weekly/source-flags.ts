import { type Command, Option } from 'commander';
import { collected } from '../cluster-flags.ts';

/** How the web and GitHub are read. */
export interface SourceFlags {
  readonly contact: string;
  readonly allowNetwork?: readonly string[];
  readonly allowInsecureRedirects?: boolean;
  readonly githubUrl?: string;
  readonly githubTokenFile?: string;
}

/** Adds the flags of commands that read the web. */
export function withSourceFlags(command: Command): Command {
  return command
    .option('--contact <address>', 'where sites may complain: sent with every request', 'https://nekube.dev')
    .option(
      '--allow-network <cidr>',
      'read addresses of this network also though it is not public, as in 10.1.0.0/16; may be repeated',
      collected,
    )
    .option('--allow-insecure-redirects', 'follow redirects from https to http')
    .addOption(new Option('--github-url <url>', "GitHub's API; of GitHub Enterprise https://HOST/api/v3"))
    .option('--github-token-file <file>', "a file with a token of GitHub's; default: GITHUB_TOKEN, or none");
}
