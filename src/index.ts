// The package: start and stop a gateway inside a program.

export type { GatewayOptions, RunningGateway, StartOutcome } from './app/gateway-options.ts';
export { startGateway } from './app/main.ts';
export type { Finding } from './model/finding.ts';
