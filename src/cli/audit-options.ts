import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAuditPolicy, type ServerOptions } from 'nekube/apiserver';
import type { AuditFlags } from './audit-flags.ts';
import { CliError, messageOf } from './io.ts';

/**
 * What the flags say about auditing; nothing unless both a policy and a log are named.
 *
 * @throws CliError for a policy that cannot be used, with kube-apiserver's message
 */
export function auditOptions(
  flags: AuditFlags,
  cwd: string,
  warn: (message: string) => void,
): NonNullable<ServerOptions['audit']> | undefined {
  const { auditPolicyFile: file, auditLogPath: log } = flags;
  if (file === undefined) {
    if (log !== undefined) warn('No audit policy file provided, no events will be recorded for log backend');
    return undefined;
  }
  const policy = readPolicy(resolve(cwd, file), file, warn);
  if (log === undefined) return undefined;
  return {
    policy,
    log: {
      path: log === '-' ? log : resolve(cwd, log),
      maxSize: flags.auditLogMaxsize,
      maxAge: flags.auditLogMaxage,
      maxBackup: flags.auditLogMaxbackup,
      compress: flags.auditLogCompress ?? false,
      format: flags.auditLogFormat,
      mode: flags.auditLogMode,
      bufferSize: flags.auditLogBatchBufferSize,
      truncate: flags.auditLogTruncateEnabled ?? false,
      maxEventSize: flags.auditLogTruncateMaxEventSize,
    },
  };
}

function readPolicy(path: string, shown: string, warn: (message: string) => void): ReturnType<typeof parseAuditPolicy> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(messageOf(cause, path), { hint: 'give a readable file with --audit-policy-file', cause });
  }
  try {
    return parseAuditPolicy(text, (why) =>
      warn(`Audit policy contains errors, falling back to lenient decoding: ${why}`),
    );
  } catch (cause) {
    const hint = 'it must be a Policy of audit.k8s.io/v1 with at least one rule';
    throw new CliError(`loading audit policy file: ${messageOf(cause)}: from file ${shown}`, { hint, cause });
  }
}
