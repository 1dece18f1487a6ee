/** Words of this field that are topics on Zenn, with what else they are called in texts. */
const TOPICS: Readonly<Record<string, RegExp>> = {
  kubernetes: /\bkubernetes\b|\bk8s\b/gi,
  cilium: /\bcilium\b/gi,
  envoy: /\benvoy\b/gi,
  ebpf: /\be?bpf\b/gi,
  helm: /\bhelm\b/gi,
  argocd: /\bargo ?cd\b/gi,
  istio: /\bistio\b/gi,
  prometheus: /\bprometheus\b/gi,
  opentelemetry: /\bopentelemetry\b/gi,
  containerd: /\bcontainerd\b/gi,
  docker: /\bdocker\b/gi,
  etcd: /\betcd\b/gi,
  go: /\bgolang\b|\bgo 1\.\d+/gi,
  linux: /\blinux\b/gi,
  cloudnative: /\bcloud ?native\b|\bcncf\b/gi,
};
/** Zenn takes up to five; three tell enough where nobody chose them. */
const MOST = 3;

/** The topics that a text speaks of most, at least one. */
export function topicsIn(text: string): string[] {
  const counts = Object.entries(TOPICS).map(([topic, word]) => [topic, text.match(word)?.length ?? 0] as const);
  const found = counts.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return found.length === 0 ? ['kubernetes'] : found.slice(0, MOST).map(([topic]) => topic);
}
