import { type FieldError, invalid, type Path } from 'nekube/apimachinery';

const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;

/** How long a token may be asked to hold, wherever it is asked for. */
export function checkTokenSeconds(seconds: number, path: Path, errors: FieldError[]): void {
  if (seconds < LEAST_SECONDS) errors.push(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MOST_SECONDS)
    errors.push(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
}
