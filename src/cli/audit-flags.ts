import { type Command, InvalidArgumentError, Option } from 'commander';

/** The flags of auditing as commander hands them over; they have the names and defaults of kube-apiserver's. */
export interface AuditFlags {
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditLogMaxsize: number;
  readonly auditLogMaxage: number;
  readonly auditLogMaxbackup: number;
  readonly auditLogCompress?: true;
  readonly auditLogFormat: 'json' | 'legacy';
  readonly auditLogMode: 'batch' | 'blocking' | 'blocking-strict';
  readonly auditLogBatchBufferSize: number;
  readonly auditLogTruncateEnabled?: true;
  readonly auditLogTruncateMaxEventSize: number;
}

/** Adds them to a command. */
export function addAuditFlags(command: Command): Command {
  return command
    .option('--audit-policy-file <file>', 'what is audited (audit.k8s.io/v1 Policy); without it nothing is')
    .option('--audit-log-path <file>', 'where audit events are logged; - is stdout')
    .option('--audit-log-maxsize <megabytes>', 'put the log aside when it is larger; 0 never', count, 100)
    .option('--audit-log-maxage <days>', 'remove old logs after so long; 0 never', count, 366)
    .option('--audit-log-maxbackup <number>', 'how many old logs stay; 0 all', count, 100)
    .option('--audit-log-compress', 'compress old logs with gzip')
    .addOption(
      new Option('--audit-log-format <format>', 'how events are written').choices(['json', 'legacy']).default('json'),
    )
    .addOption(
      new Option(
        '--audit-log-mode <mode>',
        'blocking: before the request goes on; batch: soon after; blocking-strict: else the request fails',
      )
        .choices(['batch', 'blocking', 'blocking-strict'])
        .default('blocking'),
    )
    .option('--audit-log-batch-buffer-size <number>', 'how many events may wait in batch mode', positive, 10_000)
    .option('--audit-log-truncate-enabled', 'take the objects out of events that are too large')
    .option('--audit-log-truncate-max-event-size <bytes>', 'what is too large', positive, 102_400);
}

/** A whole number from 0 on. @throws InvalidArgumentError */
export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 on.');
  return Number(text);
}

/** A whole number from 1 on. @throws InvalidArgumentError */
export function positive(text: string): number {
  if (!/^0*[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
