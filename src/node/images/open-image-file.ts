import { readFileSync, statSync } from 'node:fs';
import { parseImageFile } from './image-file.ts';
import type { ImageMap } from './image-map.ts';

/**
 * The images of a file, which is read again when an image is asked for and somebody wrote it meanwhile; one that is of no use by then is
 * left alone.
 *
 * @param onProblem is told why a file that was written meanwhile is of no use, once
 * @throws ImageFileError that names the line, and what the system says of a file that cannot be read
 */
export function openImageFile(path: string, onProblem: (error: unknown) => void = () => {}): ImageMap {
  const versionOf = (): number => statSync(path).mtimeMs;
  let version = versionOf();
  let images = parseImageFile(readFileSync(path, 'utf8'), path);
  const reread = (): void => {
    try {
      const now = versionOf();
      if (now === version) return;
      version = now;
      images = parseImageFile(readFileSync(path, 'utf8'), path);
    } catch (error) {
      // what was known before still holds
      onProblem(error);
    }
  };
  return {
    source: path,
    find(image) {
      reread();
      return images.find(image);
    },
  };
}
