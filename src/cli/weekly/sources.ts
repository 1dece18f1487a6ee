import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, systemClock } from 'nekube/client';
import { DocumentFetcher, GitHubClient, type ReadSource, readSource } from 'nekube/weekly';
import { CliError, type Io, messageOf } from '../io.ts';
import type { SourceFlags } from './source-flags.ts';

/** What reads the web; `close` ends its connections. */
export interface OpenSources {
  readonly fetcher: DocumentFetcher;
  readonly github: GitHubClient;
  readonly close: () => Promise<void>;
}

/** Opens what reads the web. @throws CliError for wrong flags */
export function openSources(flags: SourceFlags, io: Io): OpenSources {
  const { contact, allowNetwork, allowInsecureRedirects = false, githubUrl } = flags;
  const token = tokenOf(flags, io);
  try {
    const now = (): number => Date.now();
    const fetcher = new DocumentFetcher({
      contact,
      now,
      allowInsecureRedirects,
      ...(allowNetwork && { allowedNetworks: allowNetwork }),
    });
    const github = new GitHubClient({
      fetch,
      now: () => new Date(),
      ...(githubUrl !== undefined && { baseUrl: githubUrl }),
      ...(token !== undefined && { token }),
    });
    return { fetcher, github, close: () => fetcher.close() };
  } catch (error) {
    throw new CliError(messageOf(error), {
      hint: '--allow-network 10.1.0.0/16; --github-url https://HOST/api/v3; GITHUB_TOKEN or --github-token-file for the token',
      cause: error,
    });
  }
}

/** Reads Feeds of every type. */
export function sourcesOf({ fetcher, github }: OpenSources, client: Client): ReadSource {
  return readSource({ fetch: (request) => fetcher.fetch(request), github, client, clock: systemClock });
}

function tokenOf({ githubTokenFile }: SourceFlags, io: Io): string | undefined {
  // set to nothing it is not set
  if (githubTokenFile === undefined) return io.env['GITHUB_TOKEN']?.trim() || undefined;
  try {
    return readFileSync(resolve(io.cwd, githubTokenFile), 'utf8').trim();
  } catch (error) {
    throw new CliError(`Cannot read ${githubTokenFile}: ${messageOf(error)}`, {
      hint: '--github-token-file names a file',
      cause: error,
    });
  }
}
