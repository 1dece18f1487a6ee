import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { CliError, type Io } from '../io.ts';
import { type EditorFlags, editorOf, named } from './editor.ts';

interface Review extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string; readonly groups?: readonly string[] } };
}

/** Who votes. */
export interface Voter {
  /** The name of an editor. */
  readonly voter: string;
  /** Who that is for the server; absent: somebody else votes on behalf of them. */
  readonly user?: string;
}

/**
 * Who votes: whoever `--as` names, else who one is for the server. An administrator is no person there, and one's login is taken, which the
 * server lets administrators vote as.
 *
 * @throws CliError: the name is too long to vote
 */
export async function voterOf(client: Client, flags: EditorFlags, io: Io): Promise<Voter> {
  if (flags.as !== undefined) return { voter: editorOf(flags, io) };
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
  try {
    const { status } = await client.create<Review>(review as never, { signal: io.signal });
    const { username = '', groups = [] } = status?.userInfo ?? {};
    if (username !== '' && !groups.includes('system:masters')) return { voter: named(username), user: username };
  } catch (error) {
    if (error instanceof CliError) throw error;
    // an older server does not tell
    io.signal.throwIfAborted();
  }
  return { voter: editorOf(flags, io) };
}
