/** What of serving, certificates, metrics, health and traces is published at the room's door. */
export { CertificateRotator, type CertificateRotatorOptions } from '../certificates/certificate-rotator.ts';
export type { TrustTarget } from '../certificates/trust.ts';
export {
  type HealthCheck,
  HealthChecks,
  type HealthChecksOptions,
  type HealthReply,
  ping,
} from '../health/health-checks.ts';
export { meteredTransport, type RequestMetrics } from '../metrics/metered-transport.ts';
export {
  type Access,
  type AccessCheck,
  reviewedAccess,
  type ReviewedAccessOptions,
} from '../metrics/metrics-access.ts';
export { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
export { tracedReconciles, tracedTransport, type Tracer, type TraceSpan } from '../trace/tracing.ts';
export { CertificateFiles, type CertificateFilesOptions } from './certificate-files.ts';
export { type CertificateSource, fixedCertificate } from './certificate-source.ts';
export { type OpsPage, OpsServer, type OpsServerOptions } from './ops-server.ts';
