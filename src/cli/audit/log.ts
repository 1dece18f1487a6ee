import { type Io } from '../io.ts';
import { readAuditLogs } from './log-files.ts';
import { usersText } from './log-text.ts';
import { printRights, rbacObjects, userOf } from './rights.ts';
import type { RightsFlags } from './rights-flags.ts';

/**
 * Reads audit logs, and prints what a user did and needs; without a user, who is in them.
 *
 * @throws CliError for wrong flags and for files that cannot be read
 * @throws NegativeFinding: the user did nothing, or holds what is as risky as --fail-on says and was not used
 */
export async function auditLog(files: readonly string[], flags: RightsFlags, io: Io): Promise<void> {
  const user = userOf(flags);
  const requests = await readAuditLogs(files, io);
  if (user === undefined) return io.stdout(usersText(requests));
  const whoElse = '; without a user, those who did are listed';
  printRights({ requests, user, objects: await rbacObjects(flags, io), whoElse }, flags, io);
}
