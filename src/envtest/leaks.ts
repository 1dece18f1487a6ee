/** Environments that were started and not yet stopped, and where they were started. */
const running = new Map<object, string>();
let reporting = false;

/** Takes note of an environment; the result takes it back. What is left when the process ends is told on stderr. */
export function noteRunning(name: string, level: string, startedAt: string): () => void {
  const key = {};
  running.set(key, `nekube envtest: "${name}" (${level}) was never stopped; it was started ${startedAt}`);
  if (!reporting) process.once('exit', report);
  reporting = true;
  return () => void running.delete(key);
}

/** The line of a test that calls in to this room. */
export function callerOf(error: Error = new Error()): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '));
  const outside = lines.find((line) => !line.includes(import.meta.dirname) && !line.includes('node:internal'));
  return (outside ?? 'at an unknown place').trim();
}

function report(): void {
  for (const line of running.values()) process.stderr.write(`${line}\n`);
}
