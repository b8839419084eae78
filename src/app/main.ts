// The composition root: the one function that makes a gateway out of options.
import { Gateway } from './gateway.ts';
import type { GatewayOptions, StartOutcome } from './gateway-options.ts';
import { resolveSettings } from './settings.ts';

/** Starts a gateway in this process. Signals are the caller's: call `stop` on SIGTERM. */
export async function startGateway(options: GatewayOptions): Promise<StartOutcome> {
  const settings = await resolveSettings(options);
  if (typeof settings === 'string') return { kind: 'refused', reason: settings, findings: [] };
  return new Gateway(settings).start();
}
