/** A line as etcd logs; `more` comes last. */
export function etcdLogLine(level: 'info' | 'warn', msg: string, more: Readonly<Record<string, string>> = {}): string {
  return `${JSON.stringify({ level, ts: new Date().toISOString(), caller: 'nekube', msg, ...more })}\n`;
}
