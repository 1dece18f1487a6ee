/** What a command sees of the world; tests hand in their own. */
export interface Io {
  /** Results. */
  readonly stdout: (text: string) => void;
  /** Diagnostics and progress. */
  readonly stderr: (text: string) => void;
  /** All of stdin, as text; absent where there is none. */
  readonly stdin?: () => Promise<string>;
  /** Asks on the terminal, and gives the line that is typed; absent where there is no terminal. */
  readonly ask?: (question: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Aborted when the user asks the command to end (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
  /** Of a command that takes longer to end than a second, or leaves something to do if the user does not wait for its end. */
  readonly ending?: (ending: Ending) => void;
  /** The width of the terminal; where there is none, help is 80 wide. */
  readonly columns: number | undefined;
  /** The width of the terminal that diagnostics go to; absent where they go elsewhere. */
  readonly errorColumns?: number;
  /** Milliseconds since the program was started. */
  readonly elapsedMs: () => number;
}

/** How a command ends that was asked to. */
export interface Ending {
  /** It is ended when it takes longer. */
  readonly withinMs: number;
  /** What is done then, and when the user asks a second time; it must not wait for anything. */
  readonly atOnce: () => void;
}

/** The exit codes of every command. */
export const EXIT = {
  /** The command did what it was asked. */
  success: 0,
  /** It ran, and what it looked for is not so: a difference, a server that does not answer as expected. */
  negative: 1,
  /** Wrong usage, or an error. */
  error: 2,
  /** The user asked it to end before it was done. */
  interrupted: 130,
} as const;

/** A failure to tell the user about: what could not be done and why, and how to mend it. Ends with exit code 2. */
export class CliError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.hint = options.hint;
  }
}

/** What a command looked for is not so, of which it has told on stdout. Ends with exit code 1 and `message` on stderr. */
export class NegativeFinding extends Error {
  override readonly name = 'NegativeFinding';
}

/**
 * The text of whatever was thrown; failures of the file system in our words: what was to be done, and why not.
 * Some of them do not name the file (reading a directory is one): they are told of `file`.
 */
export function messageOf(thrown: unknown, file?: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { code, syscall, path = file } = thrown as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || path === undefined) return thrown.message;
  const why = thrown.message.replace(/^[A-Z0-9]+: /, '').split(', ')[0];
  return `Cannot ${WORDS[syscall] ?? syscall} ${JSON.stringify(path)}: ${why}`;
}

/** What a call of the system is in words, where its name is none. */
const WORDS: Readonly<Record<string, string>> = {
  stat: 'read',
  lstat: 'read',
  scandir: 'read the folder',
  mkdir: 'make the folder',
  rmdir: 'remove the folder',
  unlink: 'remove',
  ftruncate: 'write',
};
