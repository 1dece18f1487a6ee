/** The reason of an event that tells of a problem: one word, for programs. */
export function reasonOf(problem: string): string {
  if (problem.includes('only TCP and UDP')) return 'ProtocolNotSupported';
  if (problem.includes(' is full')) return 'NoRoom';
  if (problem.includes('is taken by')) return 'FrontendTaken';
  if (isAboutMode(problem)) return 'ModeFallback';
  if (problem.startsWith('annotation ')) return 'InvalidAnnotation';
  return 'NotServedAsAsked';
}

function isAboutMode(problem: string): boolean {
  return / is balanced by |\/mode must be /.test(problem);
}
