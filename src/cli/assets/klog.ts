import { goQuote } from 'nekube/apimachinery';

/** A line as Kubernetes' programs log: `I1128 17:00:05.092525   20017 nekube] text`. */
export function logLine(severity: 'I' | 'W', text: string): string {
  return `${headOf(severity)} nekube] ${text}\n`;
}

/** What kube-apiserver says when it ends at once. */
export function failureLine(message: string): string {
  return `${headOf('E')} run.go:72] "command failed" err=${goQuote(message)}\n`;
}

function headOf(severity: 'I' | 'W' | 'E'): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `${severity}${date} ${time}.${String(now.getMilliseconds()).padStart(3, '0')}000 ${String(process.pid).padStart(7)}`;
}
