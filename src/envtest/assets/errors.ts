/** Assets that cannot be had, and what would help. */
export class AssetsError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'AssetsError';
    this.hint = hint;
  }
}
