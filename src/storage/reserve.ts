import { type FileHandle, open } from 'node:fs/promises';

/** The file grows by at least so much, so that growing is rare. */
const stepBytes = 1024 * 1024;
const zeros = Buffer.alloc(256 * 1024);

/**
 * Keeps a file longer than what is going to be written into it.
 *
 * LMDB does not survive a full disk: writing a page beyond the room there is corrupts its memory. So the room is taken
 * before a commit, by writing zeros behind the end, and a commit that finds none is not begun. (It also makes commits
 * cheaper, since the file's length does not change with them.)
 */
export class Reserve {
  readonly #file: FileHandle;
  #size: number;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  static async open(path: string): Promise<Reserve> {
    const file = await open(path, 'r+');
    return new Reserve(file, (await file.stat()).size);
  }

  /**
   * Makes the file at least so long.
   * @throws the system's error (ENOSPC, EDQUOT) if there is no room; what could be had is kept.
   */
  async ensure(bytes: number): Promise<void> {
    if (bytes <= this.#size) return;
    try {
      await this.#growTo(bytes + stepBytes);
    } catch (error) {
      // what is needed may fit where what would be handy does not
      if (this.#size < bytes) throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #growTo(bytes: number): Promise<void> {
    while (this.#size < bytes) {
      const length = Math.min(zeros.length, bytes - this.#size);
      const { bytesWritten } = await this.#file.write(zeros, 0, length, this.#size);
      this.#size += bytesWritten;
    }
  }
}
