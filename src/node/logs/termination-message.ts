import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** So much is kept of a message, and so much of a log that stands for one. */
const MOST_BYTES = 4096;
const MOST_LOG_BYTES = 2048;
const MOST_LOG_LINES = 80;

/** Where a container may have left a message for whoever asks why it ended. */
export interface MessageSource {
  readonly file: string;
  readonly logPath: string;
  /** Without a message the end of the log counts. */
  readonly usesLog: boolean;
}

/** What a container had to say of its end; empty: nothing. */
export function terminationMessage({ file, logPath, usesLog }: MessageSource): string {
  const said = endOf(file, MOST_BYTES);
  if (said !== '' || !usesLog) return said;
  // times and names of streams are before each line
  const lines = endOf(logPath, 64 * 1024)
    .split('\n')
    .slice(0, -1)
    .slice(-MOST_LOG_LINES);
  const text = lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n');
  return text === '' ? '' : Buffer.from(`${text}\n`).subarray(-MOST_LOG_BYTES).toString();
}

function endOf(path: string, bytes: number): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (size <= bytes) return readFileSync(fd, 'utf8');
      const buffer = Buffer.alloc(bytes);
      return buffer.toString('utf8', 0, readSync(fd, buffer, 0, bytes, size - bytes));
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
