import type { Client } from 'nekube/client';
import { type Manifest, placeManifests, readManifests, scopesOf } from 'nekube/ownership';
import type { NamespaceFlags } from '../cluster-flags.ts';
import { type FileDocument, readDocuments } from '../documents.ts';
import { CliError, type Io } from '../io.ts';
import { filesIn } from '../object-files.ts';

/** Which files state what is applied. */
export interface ManifestFlags extends NamespaceFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
}

/**
 * The configurations that files and directories state, before it is known how their kinds are served.
 *
 * @param consequence is told with what is wrong: `nothing was applied`
 * @throws CliError that tells all that is wrong with all of the files, or that there is nothing in them
 */
export async function manifestsOf(flags: ManifestFlags, io: Io, consequence: string): Promise<readonly Manifest[]> {
  const { manifests, problems } = readManifests(await readAll(flags, io, consequence));
  throwProblems(problems, consequence);
  if (manifests.length === 0) throw new CliError('There are no objects in the files', { hint: 'name others with -f' });
  return manifests;
}

/** All documents of all files, or all that cannot be read of them. */
async function readAll(
  { filename, recursive = false }: ManifestFlags,
  io: Io,
  consequence: string,
): Promise<FileDocument[]> {
  const documents: FileDocument[] = [];
  const problems: string[] = [];
  for (const named of filename) {
    for (const file of await filesIn(named, recursive, io)) {
      try {
        documents.push(...(await readDocuments(file, io)));
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        problems.push(error.message);
      }
    }
  }
  throwProblems(problems, consequence);
  return documents;
}

/** Gives objects the namespace that the flags name. @throws CliError that tells all that is wrong */
export async function placedManifests(
  client: Client,
  manifests: readonly Manifest[],
  flags: NamespaceFlags,
  consequence: string,
  check: (placed: readonly Manifest[]) => readonly string[] = () => [],
): Promise<readonly Manifest[]> {
  const scopeOf = await scopesOf(client, manifests);
  const choice = { namespace: client.defaultNamespace, enforced: flags.namespace !== undefined };
  const placed = placeManifests(manifests, scopeOf, choice);
  throwProblems([...placed.problems, ...check(placed.manifests)], consequence);
  return placed.manifests;
}

function throwProblems(problems: readonly string[], consequence: string): void {
  if (problems.length > 0) throw new CliError([...problems, consequence].join('\n'));
}
