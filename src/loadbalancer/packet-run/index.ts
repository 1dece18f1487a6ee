export type { PacketResult, PacketRun, PacketRunConfig, ProgramName } from './config.ts';
export { PROGRAMS } from './config.ts';
export { readPacketRunConfig } from './read-config.ts';
export { ConfigError, parsePacket } from './reading.ts';
export { type PacketRunner, packetRunner } from './run.ts';
